import type { AuthFact, GatewayFact, SecretFact } from '../types/gateway.ts';
import { lengthMarker } from '../types/process.ts';
import { safeText } from '../types/text.ts';
import { isRecord, secretAt, textAt, valueAt } from './config-value.ts';
import { flagValue } from './start-arguments.ts';

/** Shorter secrets can be guessed by a web page that may try as often as it likes. The same bound as OpenClaw's audit. */
const SOUND_LENGTH = 24;

type Mode = AuthFact['mode'];
const MODES: ReadonlySet<string> = new Set(['token', 'password', 'trusted-proxy', 'none']);

/** How strong the authentication in front of a gateway is; whatever could not be read is `unknown`, never sound. */
export function judgeAuth(fact: GatewayFact): AuthFact {
  const { config } = fact;
  const args = fact.startArguments ?? [];
  const flag = flagValue(args, '--auth');
  const readable = config.status === 'read';
  if (!readable && config.status !== 'missing' && flag !== 'none') {
    return { mode: 'unknown', strength: 'unknown', reasons: [`openclaw.json could not be read (${config.status})`] };
  }
  const secretFlag = (['token', 'password'] as const).find((kind) => flagValue(args, `--${kind}`) !== undefined);
  const word = flag ?? textAt(config.value, 'gateway', 'auth', 'mode');
  if (word !== undefined && !MODES.has(word)) {
    return {
      mode: 'unknown',
      strength: 'unknown',
      reasons: [`OpenClaw does not know auth mode "${safeText(word, 40)}"`],
    };
  }
  const mode = (word as Mode | undefined) ?? secretFlag ?? impliedMode(config.value) ?? environmentMode(fact);
  switch (mode) {
    case 'none':
      return { mode, strength: 'none', reasons: [flag === 'none' ? 'started with --auth none' : 'auth mode none'] };
    case 'trusted-proxy':
      return judgeTrustedProxy(config.value);
    case 'token':
    case 'password':
      if (secretFlag === mode || flagValue(args, '--password-file') !== undefined) {
        return { mode, strength: 'unknown', reasons: [`${mode} given on the command line`] };
      }
      return { mode, ...judgeSecret(mode, fact) };
    default:
      return {
        mode: 'unset',
        strength: 'unknown',
        reasons: ['openclaw.json sets no authentication; the environment of the gateway may'],
      };
  }
}

// OpenClaw takes a password for the mode where both are given.
function impliedMode(config: unknown): 'token' | 'password' | undefined {
  return (['password', 'token'] as const).find((kind) => valueAt(config, 'gateway', 'auth', kind) !== undefined);
}

/** OpenClaw falls back to its environment for whatever the file does not set. */
function environmentMode(fact: GatewayFact): 'token' | 'password' | undefined {
  return (['password', 'token'] as const).find((kind) => environmentLength(kind, fact) !== undefined);
}

/** Bytes of the secret in the environment of the gateway; `undefined` when there is none or it could not be read. */
function environmentLength(kind: 'token' | 'password', fact: GatewayFact): number | undefined {
  const length = fact.markers[lengthMarker(`OPENCLAW_GATEWAY_${kind.toUpperCase()}`)];
  return length === undefined ? undefined : Number(length);
}

function judgeTrustedProxy(config: unknown): AuthFact {
  const proxies = valueAt(config, 'gateway', 'trustedProxies');
  const reasons: string[] = [];
  if (!Array.isArray(proxies) || proxies.length === 0) reasons.push('trusted-proxy without trustedProxies');
  if (textAt(config, 'gateway', 'auth', 'trustedProxy', 'userHeader') === undefined) {
    reasons.push('trusted-proxy without userHeader');
  }
  return reasons.length > 0
    ? { mode: 'trusted-proxy', strength: 'none', reasons }
    : { mode: 'trusted-proxy', strength: 'sound', reasons: ['trusted-proxy with trustedProxies and userHeader'] };
}

function judgeSecret(kind: 'token' | 'password', fact: GatewayFact): Pick<AuthFact, 'strength' | 'reasons'> {
  const config = fact.config.value;
  const raw = valueAt(config, 'gateway', 'auth', kind);
  const secret = secretAt(config, 'gateway', 'auth', kind);
  if (secret === undefined) {
    if (raw === undefined) {
      const length = environmentLength(kind, fact);
      if (length !== undefined) return judgeLength(`${kind} from the environment`, length);
      return {
        strength: 'unknown',
        reasons: [`no ${kind} in openclaw.json; the environment of the gateway may hold it`],
      };
    }
    const blank = raw === null || (typeof raw === 'string' && raw.trim() === '');
    if (blank) return { strength: 'none', reasons: [`${kind} is blank`] };
    return { strength: 'unknown', reasons: [`${kind} is ${isRecord(raw) ? 'a reference' : 'of an odd kind'}`] };
  }
  return judgeSecretFact(kind, secret, secretAt(config, 'hooks', 'token'));
}

function judgeSecretFact(
  kind: 'token' | 'password',
  secret: SecretFact,
  hooksToken: SecretFact | undefined,
): Pick<AuthFact, 'strength' | 'reasons'> {
  if (secret.placeholder)
    return { strength: 'none', reasons: [`${kind} is a published placeholder or as good as none`] };
  if (secret.given === 'reference' || secret.length === undefined) {
    return { strength: 'unknown', reasons: [`${kind} is a reference that was not resolved`] };
  }
  if (secret.length === 0) return judgeLength(kind, 0);
  const reasons: string[] = [];
  if (secret.length < SOUND_LENGTH) reasons.push(`${kind} of ${secret.length} characters`);
  if (secret.hash !== undefined && secret.hash === hooksToken?.hash) reasons.push(`${kind} is also the hooks token`);
  if (reasons.length > 0) return { strength: 'weak', reasons };
  return { strength: 'sound', reasons: [`${kind} of ${secret.length} characters`] };
}

function judgeLength(what: string, length: number): Pick<AuthFact, 'strength' | 'reasons'> {
  if (length === 0) return { strength: 'none', reasons: [`${what} is blank`] };
  return { strength: length < SOUND_LENGTH ? 'weak' : 'sound', reasons: [`${what} of ${length} characters`] };
}
