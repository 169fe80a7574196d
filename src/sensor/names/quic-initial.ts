import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/** An Initial packet as far as its header can be read without keys. Offsets count from the start of the datagram. */
export interface InitialHeader {
  version: number;
  /** Destination connection id: the keys of the first flight come from it. */
  destinationId: Uint8Array;
  start: number;
  /** Where the protected packet number begins. */
  packetNumberAt: number;
  end: number;
}

export interface InitialKeys {
  key: Buffer;
  iv: Buffer;
  headerKey: Buffer;
}

export interface CryptoFrame {
  offset: number;
  data: Uint8Array;
}

/** RFC 9001 section 5.2 and RFC 9369 section 3.3: anybody may know these, so an Initial hides nothing from an observer. */
const VERSIONS: Record<number, { salt: Buffer; initialType: number; prefix: string }> = {
  1: { salt: Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex'), initialType: 0, prefix: 'quic' },
  1798521807: {
    salt: Buffer.from('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'hex'),
    initialType: 1,
    prefix: 'quicv2',
  },
};

/** Packets in one datagram; a client sends three at most. */
const MAX_COALESCED = 8;
const MAX_FRAMES = 256;
const TAG_BYTES = 16;

/** The Initial packets of a datagram, at most eight. Other packets between them are passed over by their length. */
export function findInitials(datagram: Uint8Array): InitialHeader[] {
  const found: InitialHeader[] = [];
  let at = 0;
  for (let count = 0; count < MAX_COALESCED && at < datagram.length; count++) {
    const header = readLongHeader(datagram, at);
    if (header === undefined) break;
    if (header.isInitial) found.push(header);
    at = header.end;
  }
  return found;
}

function readLongHeader(data: Uint8Array, start: number): (InitialHeader & { isInitial: boolean }) | undefined {
  const first = data[start]!;
  if ((first & 0xc0) !== 0xc0 || start + 7 > data.length) return undefined;
  const version = word(data, start + 1);
  const rules = VERSIONS[version];
  if (rules === undefined) return undefined;
  const idBytes = data[start + 5]!;
  const sourceAt = start + 6 + idBytes;
  const sourceBytes = data[sourceAt];
  if (idBytes > 20 || sourceBytes === undefined || sourceBytes > 20) return undefined;
  let at = sourceAt + 1 + sourceBytes;
  const type = (first >> 4) & 3;
  const isInitial = type === rules.initialType;
  // A Retry has no length; it is the server's, and nothing follows it.
  if (type === (rules.initialType + 3) % 4) return undefined;
  if (isInitial) {
    const token = readVariable(data, at);
    if (token === undefined) return undefined;
    at = token.end + token.value;
  }
  const length = readVariable(data, at);
  if (length === undefined || length.end + length.value > data.length || length.value < 4 + TAG_BYTES) return undefined;
  const destinationId = data.subarray(start + 6, sourceAt);
  return { version, destinationId, start, packetNumberAt: length.end, end: length.end + length.value, isInitial };
}

/** Keys of the client's side. */
export function clientInitialKeys(version: number, destinationId: Uint8Array): InitialKeys | undefined {
  const rules = VERSIONS[version];
  if (rules === undefined) return undefined;
  const initial = createHmac('sha256', rules.salt).update(destinationId).digest();
  const client = expand(initial, 'client in', 32);
  return {
    key: expand(client, `${rules.prefix} key`, 16),
    iv: expand(client, `${rules.prefix} iv`, 12),
    headerKey: expand(client, `${rules.prefix} hp`, 16),
  };
}

/** HKDF-Expand-Label of TLS 1.3. One block of HMAC is all that 32 bytes need. */
function expand(secret: Buffer, label: string, bytes: number): Buffer {
  const text = `tls13 ${label}`;
  const info = Buffer.from([0, bytes, text.length, ...Buffer.from(text, 'latin1'), 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, bytes);
}

/** The plain frames of an Initial, or `undefined` when these are not its keys or it was changed on the way. */
export function openInitial(datagram: Uint8Array, header: InitialHeader, keys: InitialKeys): Buffer | undefined {
  const { start, packetNumberAt, end } = header;
  const sample = datagram.subarray(packetNumberAt + 4, packetNumberAt + 20);
  if (sample.length < 16 || packetNumberAt + 4 + TAG_BYTES > end) return undefined;
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(sample);
  const first = datagram[start]! ^ (mask[0]! & 0x0f);
  const numberBytes = (first & 3) + 1;
  const payloadAt = packetNumberAt + numberBytes;
  if (payloadAt + TAG_BYTES > end) return undefined;
  const associated = Buffer.from(datagram.subarray(start, payloadAt));
  const nonce = Buffer.from(keys.iv);
  associated[0] = first;
  for (let index = 0; index < numberBytes; index++) {
    const byte = datagram[packetNumberAt + index]! ^ mask[1 + index]!;
    associated[packetNumberAt - start + index] = byte;
    nonce[12 - numberBytes + index]! ^= byte;
  }
  try {
    const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce);
    decipher.setAAD(associated);
    decipher.setAuthTag(datagram.subarray(end - TAG_BYTES, end));
    return Buffer.concat([decipher.update(datagram.subarray(payloadAt, end - TAG_BYTES)), decipher.final()]);
  } catch {
    // Forged or not ours; the library has no other way to say so.
    return undefined;
  }
}

/** The CRYPTO frames among the frames that an Initial may hold. `undefined` at a frame that it may not. */
export function cryptoFrames(frames: Uint8Array): CryptoFrame[] | undefined {
  const found: CryptoFrame[] = [];
  let at = 0;
  let count = 0;
  while (at < frames.length) {
    const type = frames[at]!;
    if (type === FRAME.padding) {
      at++;
      continue;
    }
    if (++count > MAX_FRAMES) return undefined;
    if (type === FRAME.ping) at++;
    else if (type === FRAME.crypto) {
      const offset = readVariable(frames, at + 1);
      const length = offset && readVariable(frames, offset.end);
      if (!offset || !length || length.end + length.value > frames.length) return undefined;
      found.push({ offset: offset.value, data: frames.subarray(length.end, length.end + length.value) });
      at = length.end + length.value;
    } else if (type === FRAME.ack || type === FRAME.ackEcn) {
      const end = skipAck(frames, at);
      if (end === undefined) return undefined;
      at = end;
    } else return type === FRAME.close ? found : undefined;
  }
  return found;
}

const FRAME = { padding: 0, ping: 1, ack: 2, ackEcn: 3, crypto: 6, close: 0x1c } as const;

function skipAck(frames: Uint8Array, start: number): number | undefined {
  let at = start + 1;
  const next = (): number => {
    const number = readVariable(frames, at);
    if (number === undefined) return -1;
    at = number.end;
    return number.value;
  };
  next();
  next();
  const ranges = next();
  // Each range takes at least two bytes.
  if (ranges < 0 || ranges * 2 > frames.length || next() < 0) return undefined;
  const rest = ranges * 2 + (frames[start] === FRAME.ackEcn ? 3 : 0);
  for (let index = 0; index < rest; index++) if (next() < 0) return undefined;
  return at;
}

/** A QUIC integer. Absent also for those of eight bytes that are larger than any packet. */
function readVariable(data: Uint8Array, at: number): { value: number; end: number } | undefined {
  const first = data[at];
  if (first === undefined) return undefined;
  const bytes = 1 << (first >> 6);
  if (at + bytes > data.length) return undefined;
  let value = first & 0x3f;
  for (let index = 1; index < bytes; index++) value = value * 256 + data[at + index]!;
  return value > Number.MAX_SAFE_INTEGER ? undefined : { value, end: at + bytes };
}

function word(data: Uint8Array, at: number): number {
  return ((data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!) >>> 0;
}
