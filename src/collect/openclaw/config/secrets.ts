import { createHmac } from 'node:crypto';
import type { SecretFact } from '../../../types/gateway.ts';
import { isReference } from './substitute.ts';

/** What stands in the configuration object in place of a secret. */
export interface SecretPlaceholder {
  $secret: SecretFact;
}

/**
 * Keys whose text is a secret. Broad on purpose: a harmless word hidden costs a line of output, a token shown costs
 * the token. Numbers and booleans of such names (`maxTokens`) are no secrets and stay.
 */
const SECRET_KEY =
  /token|secret|passw|passphrase|api_?-?key|private_?-?key|credential|cookie|authori[sz]ation|bearer|signing|session_?key|encrypt|webhook_?path|webhook_?url|^(?:key|pin|seed|mnemonic|cert|nkey|jwt|pat)$/i;

/** Names that hold one of those words and no secret. */
const PLAIN_KEY =
  /^(?:.*(?:mode|policy|count|limit|budget|path|file|url|header|ttl|scope|type|name|source)|tokenizer)$/i;
const SECRET_ANYWAY = /^webhook_?(?:path|url)$/i;

/** Maps in which every text value is a secret, whatever its name. */
const SECRET_MAPS: ReadonlySet<string> = new Set([
  'headers',
  'env',
  'vars',
  'cookies',
  'extraHeaders',
  'defaultHeaders',
]);

/** Published shapes of tokens, for texts under innocent names: OpenAI, GitHub, Slack, AWS, Google, JWT, Telegram, PEM. */
const SECRET_SHAPE =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|eyJ[A-Za-z0-9_-]{10,300}\.[A-Za-z0-9_-]{10}|\d{8,10}:[A-Za-z0-9_-]{30,})|-----BEGIN [A-Z ]*PRIVATE KEY/;

/**
 * Words that guides print where a secret belongs; the first three are refused by OpenClaw itself when it listens
 * beyond loopback (2026.9.6, `known-weak-gateway-secrets`).
 */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'change-me-to-a-long-random-token',
  'change-me-now',
  'change-me-to-a-strong-password',
  '',
  'undefined',
  'null',
  'none',
  'nan',
  'false',
  'true',
  'token',
  'secret',
  'password',
  'passwd',
  'changeme',
  'change-me',
  'change_me',
  'placeholder',
  'example',
  'test',
  'todo',
  'admin',
  'openclaw',
  'clawdbot',
  'moltbot',
  '[object object]',
]);
const PLACEHOLDER_SHAPE =
  /^(?:<.*>|\{\{.*\}\}|your[-_ ].*|(?:insert|replace|enter|paste|put)[-_ ].*|change[-_ ]?(?:me|this).*|my[-_ ](?:token|secret|password|api[-_ ]?key)|x{3,}|\*{3,}|\.{3,}|(.)\1*|123456\d*)$/i;

/** True for a secret that everybody knows. */
export function isPlaceholder(secret: string): boolean {
  const word = secret.trim().toLowerCase();
  return PLACEHOLDERS.has(word) || PLACEHOLDER_SHAPE.test(word);
}

/** What may be said about a written-out secret. */
export function secretFact(secret: string, hashKey: string): SecretFact {
  return {
    given: 'literal',
    length: [...secret].length,
    hash: createHmac('sha256', hashKey).update(secret).digest('hex').slice(0, 16),
    ...(isPlaceholder(secret) ? { placeholder: true } : {}),
  };
}

/**
 * A copy of the configuration without its secrets: each is replaced by `{ "$secret": SecretFact }`. Credentials inside
 * URLs and program arguments are blanked in place, so that host and port stay readable.
 */
export function withoutSecrets(value: Record<string, unknown>, hashKey: string): Record<string, unknown> {
  return scrub(value, '', false, hashKey) as Record<string, unknown>;
}

function scrub(value: unknown, key: string, inSecretMap: boolean, hashKey: string): unknown {
  if (typeof value === 'string') return scrubText(value, inSecretMap || isSecretKey(key), hashKey);
  if (Array.isArray(value)) {
    return key === 'args' || key === 'extraArgs' || key === 'command'
      ? scrubArguments(value, hashKey)
      : value.map((item) => scrub(item, key, inSecretMap, hashKey));
  }
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  if (isSecretReference(record)) {
    return { $secret: { given: record.source === 'env' ? 'env' : 'reference' } } satisfies SecretPlaceholder;
  }
  const secretMap = SECRET_MAPS.has(key) || inSecretMap;
  return Object.fromEntries(
    Object.entries(record).map(([name, child]) => [name, scrub(child, name, secretMap, hashKey)]),
  );
}

function scrubText(text: string, isSecret: boolean, hashKey: string): unknown {
  if (isSecret || SECRET_SHAPE.test(text)) {
    return { $secret: isReference(text) ? { given: 'env' } : secretFact(text, hashKey) } satisfies SecretPlaceholder;
  }
  return blankCredentials(text);
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key) && (SECRET_ANYWAY.test(key) || !PLAIN_KEY.test(key));
}

/** OpenClaw's SecretRef: `{ source: "env" | "file" | "exec", provider?, id }`. */
function isSecretReference(value: Record<string, unknown>): boolean {
  return ['env', 'file', 'exec'].includes(String(value.source)) && typeof value.id === 'string';
}

/** The same for the arguments of a program, for people to read: a unit may hold `--token abc`. */
export function argumentsWithoutSecrets(words: readonly string[]): string[] {
  return scrubArguments([...words], '').map((word) => (typeof word === 'string' ? word : '***'));
}

/** `--token abc`, `--token=abc`, `API_KEY=abc`: the word stays, its secret goes. */
function scrubArguments(words: unknown[], hashKey: string): unknown[] {
  let secretFollows = false;
  return words.map((word) => {
    if (typeof word !== 'string') return scrub(word, '', false, hashKey);
    const isSecret = secretFollows && !word.startsWith('-');
    const name = /^-{0,2}([A-Za-z][A-Za-z0-9_-]*)(=?)/.exec(word);
    const named = name !== null && isSecretKey(name[1]!);
    secretFollows = named && name[2] === '' && word.startsWith('-') && name[0].length === word.length;
    if (isSecret) return scrubText(word, true, hashKey);
    if (named && name[2] === '=') return `${name[0]}***`;
    return scrubText(word, false, hashKey);
  });
}

/** `https://user:pass@host/?token=x` becomes `https://***@host/?token=***`. */
function blankCredentials(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/(:\/\/)[^/?#\s]*@/g, '$1***@')
    .replace(/([?&;#])([^=&#?;\s]{1,64})=([^&#\s]*)/g, (whole, mark: string, name: string) =>
      isSecretKey(name) || /^(?:sig|code|auth|key)$/i.test(name) ? `${mark}${name}=***` : whole,
    );
}
