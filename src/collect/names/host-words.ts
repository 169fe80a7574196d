import { canonicalHostName } from '../../types/host-name.ts';

// A command of 64 KiB must not cost a search of 64 KiB for each of its processes.
const SEARCHED_CHARACTERS = 16_384;
const MAX_NAMES = 32;

const URL_AUTHORITY = /\b[a-z][a-z0-9+.-]{0,30}:\/\/([^\s/?#'"`<>\\|(){};,&]{1,300})/gi;
// A word of a shell command that is a host as a whole: `user@host:path`, `host:443`, `host/path`.
const HOST_WORD = /^(?:[\w.+-]{1,64}@)?((?:[\w-]{1,63}\.)+[a-z][a-z0-9-]{1,62})\.?(?::[^\s]*|\/[^\s]*)?$/i;

// Endings of files that are, or look like, top-level domains: `fetch.py` on a command line is a file.
const FILE_ENDING =
  /\.(?:bin|c|cc|cfg|conf|cpp|cs|css|csv|db|doc|env|gz|h|html?|ini|jl|jpe?g|jsx?|json5?|jsonl|key|kt|lock|log|lua|mdx?|[cm]js|[cm]ts|mov|mp[34]|out|pdf|pem|php|pl|pm|png|ps1?|py|rb|rs|service|sh|so|sock|sql|sqlite3?|sum|svg|tar|tgz|tmp|toml|tsx?|txt|wasm|xml|ya?ml|zip)$/;

/**
 * Host names that a text names: the hosts of its URLs, and words that are a host as a whole. Single labels are none
 * (every word is one), nor are names of files. Each once, in order; at most 32, from the first 16 KiB.
 */
export function hostNamesIn(text: string): string[] {
  const searched = text.slice(0, SEARCHED_CHARACTERS);
  const names = new Set<string>();
  for (const [, authority = ''] of searched.matchAll(URL_AUTHORITY)) add(names, hostOfAuthority(authority));
  let before = '';
  for (const { 0: word, index } of searched.matchAll(/[^\s'"`;|&<>()=,]+/g)) {
    const host = word.includes('://') ? undefined : HOST_WORD.exec(word)?.[1];
    // `import urllib.request`, `os.system(`, `a.b=`: program text, not hosts.
    const isCode = /^(?:import|from|require)$/.test(before) || /[(=]/.test(searched[index + word.length] ?? '');
    if (host !== undefined && !isCode && !FILE_ENDING.test(host.toLowerCase())) add(names, host);
    before = word;
  }
  return [...names];
}

function add(names: Set<string>, host: string): void {
  if (names.size >= MAX_NAMES) return;
  const name = canonicalHostName(host);
  if (name?.includes('.')) names.add(name);
}

// The last `@` counts: in `https://api.telegram.org@evil.test/` the host is evil.test.
function hostOfAuthority(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
}
