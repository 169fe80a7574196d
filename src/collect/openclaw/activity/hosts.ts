const MAX_HOSTS = 16;
const MAX_TEXTS = 64;
const MAX_DEPTH = 4;
const MAX_TEXT = 16_384;
const MAX_URL = 2_048;

/**
 * Host names of the URLs in the arguments of a tool call, lower case, ASCII, without the trailing dot; also those that a
 * shell command names. A name in an argument says what the model wanted, not what was contacted.
 */
export function hostsIn(given: unknown): string[] {
  const hosts = new Set<string>();
  for (const text of textsOf(given)) {
    for (const [url] of text.slice(0, MAX_TEXT).matchAll(URL_IN_TEXT)) {
      const host = hostOf(url.slice(0, MAX_URL));
      if (host !== undefined) hosts.add(host);
      if (hosts.size >= MAX_HOSTS) return [...hosts];
    }
  }
  return [...hosts];
}

const URL_IN_TEXT = /\b(?:https?|wss?|ftps?):\/\/[^\s'"`<>|;&(){}\\]+/gi;

function hostOf(url: string): string | undefined {
  try {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    return host === '' || host.length > 253 ? undefined : host.toLowerCase();
  } catch {
    return undefined;
  }
}

/** Texts inside a value, without recursion into depths that a model can nest for us. */
function textsOf(given: unknown): string[] {
  const texts: string[] = [];
  let level: unknown[] = [given];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const below: unknown[] = [];
    for (const value of level.slice(0, MAX_TEXTS)) {
      if (texts.length >= MAX_TEXTS) return texts;
      if (typeof value === 'string') texts.push(value);
      else if (typeof value === 'object' && value !== null) below.push(...Object.values(value).slice(0, MAX_TEXTS));
    }
    level = below;
  }
  return texts;
}
