import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { UserError } from '../types/error.ts';

/** Bytes of an Ed25519 signature, RFC 8032. */
const SIGNATURE_BYTES = 64;

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The 64 hexadecimal digits of a SHA-256, in lower case; the output of `sha256sum` is taken too. */
export function parseSha256(text: string): string {
  const [, digits] = /^(?:sha256[:-])?([0-9a-f]{64})(?:\s.*)?$/i.exec(text.trim()) ?? [];
  if (digits !== undefined) return digits.toLowerCase();
  throw new UserError('--sha256 takes the 64 hexadecimal digits of a SHA-256', {
    hint: 'see them with: sha256sum pack.json',
  });
}

/** @throws UserError when the bytes are others than those that were promised. */
export function checkSha256(bytes: Uint8Array, promised: string): void {
  const found = sha256Of(bytes);
  if (timingSafeEqual(Buffer.from(found), Buffer.from(promised))) return;
  throw new UserError(`the checksum does not agree: expected ${promised}, found ${found}`, {
    hint: 'the pack was changed on its way or since; ask its publisher for the checksum, and install nothing until it agrees',
  });
}

/** A public key of Ed25519 in PEM, as `openssl pkey -pubout` writes it. */
export function parsePublicKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    // A private key would be taken too, and has no business here.
    key = pem.includes('PRIVATE') ? undefined : createPublicKey(pem);
  } catch {
    // Said below, with what is wanted.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new UserError('the key is no public key of Ed25519 in PEM', {
    hint: 'make one with: openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out pub.pem',
  });
}

/**
 * Checks a detached signature over the bytes of the pack: 64 bytes, or the same in Base64.
 *
 * @throws UserError when it does not agree.
 */
export function checkSignature(bytes: Uint8Array, signature: Uint8Array, key: KeyObject): void {
  const raw = rawSignature(signature);
  if (raw === undefined) {
    throw new UserError('the signature is none of Ed25519: 64 bytes or their Base64 are expected', {
      hint: 'sign with: openssl pkeyutl -sign -rawin -inkey key.pem -in pack.json -out pack.json.sig',
    });
  }
  if (verify(null, bytes, key, raw)) return;
  throw new UserError('the signature does not agree with the pack and this key', {
    hint: 'the pack was changed, or another key has signed it; install nothing until its publisher has explained it',
  });
}

function rawSignature(bytes: Uint8Array): Buffer | undefined {
  if (bytes.length === SIGNATURE_BYTES) return Buffer.from(bytes);
  const text = Buffer.from(bytes).toString('latin1').trim();
  if (!/^[A-Za-z0-9+/]{86}(?:==)?$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
