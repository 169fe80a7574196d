import { domainToASCII } from 'node:url';

/** Characters of a whole name, by RFC 1035. */
export const MAX_NAME_LENGTH = 253;
/** One label. Underscores are no host names, yet resolvers serve them. */
export const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
// What a URL or a shell would cut a host name at. `domainToASCII` cuts there silently and would judge another name.
const NOT_IN_NAME = /[\s/:?#@%[\]\\^|<>*"'`{}]/;

/** The one spelling of a host name: lower case, punycode, no dot at the end. `undefined` when it is no host name. */
export function canonicalHostName(text: string): string | undefined {
  if (text.length > MAX_NAME_LENGTH + 1 || NOT_IN_NAME.test(text)) return undefined;
  const ascii = /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text);
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  const labels = name.split('.');
  if (name.length > MAX_NAME_LENGTH || !labels.every((label) => LABEL.test(label))) return undefined;
  // A name never ends in a number: `127.1` and `0x7f.1` are addresses to some programs.
  return /^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!) ? undefined : name;
}
