/**
 * What is handed on may hold what a person gave to a program: tokens in arguments, passwords in addresses. Masked here by
 * what secrets look like; a name beside it (`--token`, `Authorization:`) makes anything a secret.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // user:password@host
  [/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@]{1,200}@/gi, '$1[masked]@'],
  [/\b(bearer|basic|digest)\s+[A-Za-z0-9._~+/=-]{6,}/gi, '$1 [masked]'],
  [
    /([a-z0-9_-]{0,40}(?:token|secret|passw(?:or)?d|pwd|api[_-]?key|apikey|private[_-]?key|credentials?|cookie|session[_-]?key)[a-z0-9_-]{0,20}["']?\s{0,2}[=:\s]\s{0,2}["']?)(?!\[masked\])[^\s"',;&]{3,}/gi,
    '$1[masked]',
  ],
  // Well-known shapes of keys.
  [/\b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abprs]|npm|AKIA|AIza|ya29|hf|r8)[-_]?[A-Za-z0-9_-]{16,}/g, '[masked]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g, '[masked]'],
  [/\b\d{8,10}:[A-Za-z0-9_-]{30,}/g, '[masked]'],
];

/** Fields of our own whose values look random and are none of anybody's secrets. */
const OWN = new Set(['fingerprint', 'id', 'key', 'socketKeys', 'incidentId', 'networkHash', 'netns']);
const SECRET_FIELD = /token|secret|passw|api[_-]?key|credential|cookie/i;
const LONGEST = 20_000;

/** The text with everything that looks like a secret masked. */
export function maskSecrets(text: string): string {
  let masked = text.slice(0, LONGEST);
  for (const [pattern, by] of PATTERNS) masked = masked.replace(pattern, by);
  return masked;
}

/** A copy of plain data with every text in it masked. */
export function withoutSecrets(value: unknown, field = ''): unknown {
  if (typeof value === 'string') {
    if (OWN.has(field)) return value;
    return SECRET_FIELD.test(field) && value !== '' ? '[masked]' : maskSecrets(value);
  }
  if (Array.isArray(value))
    return field === 'argv' ? maskArguments(value) : value.map((each) => withoutSecrets(each, field));
  if (value === null || typeof value !== 'object') return value;
  // A secret of a configuration is length and hash already; nobody outside has a use for either.
  if ('$secret' in value) return '[secret]';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each, key)]));
}

/** `--token X` are two arguments, and the second says nothing by itself. */
function maskArguments(argv: readonly unknown[]): unknown[] {
  return argv.map((each, index) => {
    const before = argv[index - 1];
    const isNamed =
      typeof before === 'string' &&
      /^-{1,2}[a-z0-9_-]*(?:token|secret|passw|pwd|key|credential|cookie|auth)[a-z0-9_-]*$/i.test(before);
    if (typeof each !== 'string') return each;
    return isNamed ? '[masked]' : maskSecrets(each);
  });
}
