/** Options of downloaders whose value is the next word, and no address. */
const WITH_VALUE =
  /^(?:-[oOHXduAebcmxKTFPQrwUECtY]|--(?:output|output-document|output-dir|directory-prefix|header|request|data\S*|user|user-agent|referer|cookie\S*|max-time|proxy|config|upload-file|form|range|write-out|connect-timeout|retry|tries|timeout|cacert|cert|key|dir|out))$/;

/** A name with a dot, an address in brackets, or one number, which is an IPv4 address to every downloader. */
const MAY_BE_HOST = /^(?:[\w-]+(?:\.[\w-]+)+|\[[\da-fA-F:.]+\]|0x[\da-fA-F]{1,8}|\d{6,10})(?::\d{1,5})?(?:[/?#]|$)/;

const MAX_WORDS = 64;

/**
 * Addresses that a downloader's words spell out. Words with a scheme first; without any, what could be a host. The host is
 * in the one spelling of the URL standard, so `http://0x7f.1` is `127.0.0.1`.
 */
export function urlsIn(words: readonly string[]): URL[] {
  const plain: URL[] = [];
  const spelled: URL[] = [];
  // `curl -O URL` takes no value, `wget -O FILE` does.
  const isCurl = /curl$/.test(words[0] ?? '');
  for (let index = 1; index < words.length && index < MAX_WORDS; index += 1) {
    const word = words[index]!;
    if (word.startsWith('-')) {
      if (WITH_VALUE.test(word) && !(isCurl && word === '-O')) index += 1;
      continue;
    }
    if (word.length > 2048) continue;
    if (/^(?:https?|ftps?):\/\//i.test(word)) push(spelled, word);
    else if (MAY_BE_HOST.test(word)) push(plain, `http://${word}`);
  }
  return spelled.length > 0 ? spelled : plain;
}

function push(list: URL[], text: string): void {
  if (URL.canParse(text)) list.push(new URL(text));
}

/** Host without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** Files that a downloader's words say it writes. */
export function outputFiles(words: readonly string[]): string[] {
  const files: string[] = [];
  for (let index = 1; index < words.length && index < MAX_WORDS; index += 1) {
    const word = words[index]!;
    const isOutput = /^(?:-[a-zA-Z]*o|-O|--output|--output-document|--out)$/.test(word);
    const following = words[index + 1];
    if (isOutput && following !== undefined && !following.startsWith('-')) files.push(following);
    const glued = /^(?:--output=|--output-document=|--out=)(.+)$/.exec(word)?.[1];
    if (glued !== undefined) files.push(glued);
  }
  return files;
}
