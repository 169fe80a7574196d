import { UserError } from '../types/error.ts';

/** True for what is fetched and not read from disk. */
export function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

/**
 * The URL of a list: https, or http (which is held against its address later).
 *
 * @throws UserError for every other one.
 */
export function urlOfSource(source: string): URL {
  const url = URL.parse(source);
  if (url === null || source.length > 2048) {
    throw new UserError(`${source.slice(0, 200)} is no URL`, { hint: 'give an https address or the path of a file' });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UserError(`lists are not fetched by ${url.protocol.slice(0, 40)}//`, { hint: 'give an https address' });
  }
  if (url.username !== '' || url.password !== '') {
    throw new UserError('the address has a user or a password in it, which every list of processes would show', {
      hint: 'download it yourself and give the file: clawwatch intel update --from <file>',
    });
  }
  return url;
}

/** Where the signature of a list is: beside it, with `.sig` at the end of the path. */
export function signatureOf(source: string): string {
  if (!isUrl(source)) return `${source}.sig`;
  const url = urlOfSource(source);
  url.pathname += '.sig';
  return url.href;
}

/**
 * Where a redirect leads, if it may: what answers at the given place must not choose whom we ask, least of all somebody
 * in our own network.
 *
 * @throws UserError when it leads to another scheme, host or port.
 */
export function nextOf(url: URL, location: string): URL {
  const next = URL.parse(location, url.href);
  if (next !== null && next.origin === url.origin && next.username === '' && next.password === '') return next;
  const where = next === null ? 'nowhere' : `${next.protocol}//${next.host}`.slice(0, 200);
  throw new UserError(`${url.host} redirects to ${where}, and other places are not followed`, {
    hint: 'if you trust that place, give its address with --from',
  });
}

/** What an answer other than 200 means. */
export function refusedStatus(url: URL, status: number): UserError {
  if (status === 404 || status === 410) {
    return new UserError(`${url.host} has nothing at ${url.pathname.slice(0, 200)} (${status})`, {
      hint: 'check the address; a signature is expected beside the pack, with .sig at the end',
    });
  }
  if (status === 401 || status === 403) {
    return new UserError(`${url.host} does not give it to everybody (${status})`, {
      hint: 'download it with your key yourself, and give the file: clawwatch intel update --from <file>',
    });
  }
  return new UserError(`${url.host} answers with status ${status}`, { hint: 'try again later, or check the address' });
}

/** Media types under which servers give JSON away; pages are none of them. */
export function isJsonType(type: string): boolean {
  return (
    ['application/json', 'text/json', 'text/plain', 'application/octet-stream'].includes(type) ||
    /^[a-z]+\/[a-z0-9.-]+\+json$/.test(type)
  );
}

/** A signature has no type of its own; a page is none. */
export function isSignatureType(type: string): boolean {
  return type !== 'text/html' && type !== 'application/xhtml+xml';
}
