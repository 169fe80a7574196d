import { resolve } from 'node:path';
import { UserError } from '../types/error.ts';
import { type DownloadOptions, download } from './download.ts';
import { isJsonType, isSignatureType, isUrl, signatureOf, urlOfSource } from './download-rules.ts';
import { MAX_PACKS, readPackFile, readStoredPacks } from './folder.ts';
import { type CleanPack, entryCount, type HygieneContext } from './hygiene.ts';
import { installedBytes, installPack, packPaths } from './installed.ts';
import { BUNDLED_NAME, checkPack } from './intel.ts';
import { isPackName, PACK_LIMITS, PackError, packText, parsePack } from './pack.ts';
import { checkSha256, checkSignature, parsePublicKey, parseSha256, sha256Of } from './verify.ts';

export interface UpdateRequest {
  /** Path or URL. */
  from: string;
  /** Against which relative paths are read. */
  cwd: string;
  folder: string;
  /** Name to install it as, in the place of its own. */
  name?: string;
  sha256?: string;
  /** File with the public key of whoever signed `<from>.sig`. */
  key?: string;
  /** A URL is taken without checksum and signature. */
  unsigned?: boolean;
  /** An older pack, or one that is half as large or twice, is taken. */
  force?: boolean;
  timeoutMs: number;
  /** File with certificates to trust. */
  ca?: string;
  resolve?: DownloadOptions['resolve'];
}

export interface Updated {
  pack: CleanPack;
  /** False when just this pack is installed already. */
  changed: boolean;
  /** How its bytes were checked. */
  checkedBy: ('sha256' | 'signature')[];
  sha256: string;
  bytes: number;
  /** Whether there is a way back. */
  hasFormer: boolean;
}

/** From this size on, a sudden change of size says something. */
const SMALL = 20;

/**
 * Fetches or reads a pack, checks that it is what its publisher made, holds it against the hygiene and against the one
 * that is there, and installs it. Whatever goes wrong on the way, the packs stay as they are.
 *
 * @throws UserError with what is wrong and what to do.
 */
export async function updatePack(request: UpdateRequest, context: HygieneContext): Promise<Updated> {
  const { bytes, checkedBy } = await verifiedBytes(request);
  const sha256 = sha256Of(bytes);
  const pack = readPack(bytes, request, context);
  const { name } = pack;
  const paths = packPaths(request.folder, name);
  try {
    const before = installedBytes(paths.current);
    const changed = before === undefined || sha256Of(before) !== sha256;
    if (changed) {
      if (before === undefined) refuseTooMany(request.folder);
      else if (request.force !== true) refuseSuspicious(pack, before, context);
      installPack(request.folder, name, bytes);
    }
    const hasFormer = installedBytes(paths.former) !== undefined;
    return { pack, changed, checkedBy, sha256, bytes: bytes.length, hasFormer };
  } catch (error) {
    throw error instanceof PackError ? untrusted(error, request.folder) : error;
  }
}

async function verifiedBytes(request: UpdateRequest): Promise<{ bytes: Buffer; checkedBy: Updated['checkedBy'] }> {
  const { from, sha256, key, unsigned } = request;
  const isChecked = sha256 !== undefined || key !== undefined;
  if (isChecked && unsigned === true) {
    throw new UserError('--unsigned stands for no check, and --sha256 or --key asks for one', {
      hint: 'leave one out',
    });
  }
  // Before anything is sent: nobody is asked for a pack that would not be taken.
  if (isUrl(from)) urlOfSource(from);
  if (isUrl(from) && !isChecked && unsigned !== true) {
    throw new UserError('a pack from the network needs a check of what arrives', {
      hint: 'give --sha256 <hex> or --key <file> from its publisher; or say --unsigned, and whoever runs the server decides what you are warned of',
    });
  }
  const promised = sha256 === undefined ? undefined : parseSha256(sha256);
  const publicKey = key === undefined ? undefined : parsePublicKey(ownFile(request, key, 'key').toString('utf8'));
  const bytes = await bytesOf(request, from, PACK_LIMITS.bytes, isJsonType);
  if (promised !== undefined) checkSha256(bytes, promised);
  if (publicKey !== undefined) {
    checkSignature(bytes, await bytesOf(request, signatureOf(from), 4096, isSignatureType), publicKey);
  }
  return {
    bytes,
    checkedBy: [...(promised ? (['sha256'] as const) : []), ...(publicKey ? (['signature'] as const) : [])],
  };
}

async function bytesOf(
  request: UpdateRequest,
  source: string,
  limit: number,
  takes: (type: string) => boolean,
): Promise<Buffer> {
  if (!isUrl(source)) return ownFile(request, source, source === request.from ? 'pack' : 'signature');
  const { timeoutMs, ca, resolve } = request;
  return download(source, {
    bytes: limit,
    timeoutMs,
    takes,
    ...(ca !== undefined && { ca: ownFile(request, ca, 'CA').toString('utf8') }),
    ...(resolve && { resolve }),
  });
}

/** A file that the person named. */
function ownFile({ cwd }: UpdateRequest, path: string, what: string): Buffer {
  const full = resolve(cwd, path);
  try {
    return readPackFile(full, false);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    throw new UserError(`the ${what} ${full} is not used: ${error.message}`, { hint: 'check the path and its rights' });
  }
}

function readPack(bytes: Buffer, { from, name }: UpdateRequest, context: HygieneContext): CleanPack {
  try {
    const raw = parsePack(packText(bytes));
    if (entryCount(raw) === 0) throw new PackError('there is nothing in it');
    return { ...checkPack(raw, context), name: installName(name ?? raw.ownName) };
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    throw new UserError(`the pack from ${from.slice(0, 300)} is refused: ${error.message}`, {
      hint: 'the installed packs stay as they are; how a pack is written is in docs/intel.md',
    });
  }
}

function installName(name: string | undefined): string {
  if (name !== undefined && isPackName(name) && name !== BUNDLED_NAME) return name;
  const why = name === undefined ? 'the pack has no name' : `a pack cannot be called ${name.slice(0, 60)}`;
  throw new UserError(why, {
    hint: `give one with --name: small letters, digits and hyphens, at most 40, and not "${BUNDLED_NAME}"`,
  });
}

function refuseTooMany(folder: string): void {
  const { packs, unread } = readStoredPacks(folder);
  if (packs.length + unread.length < MAX_PACKS) return;
  throw new UserError(`there are ${MAX_PACKS} packs already, and no more are read`, {
    hint: 'remove one first: clawwatch intel list, clawwatch intel remove <name>',
  });
}

/** A signed pack of last year is as genuine as that of today, and leaves out what was learned since. */
function refuseSuspicious(pack: CleanPack, before: Buffer, context: HygieneContext): void {
  let former: CleanPack;
  try {
    former = checkPack(parsePack(packText(before)), context);
  } catch {
    // What is there is out of order: anything is better.
    return;
  }
  const hint = 'if that is right, say --force; clawwatch intel rollback brings the former one back';
  if ((pack.datedAt ?? 0) < (former.datedAt ?? 0)) {
    throw new UserError(`pack ${pack.name} is older than the one that is installed`, { hint });
  }
  const [size, formerSize] = [sizeOf(pack), sizeOf(former)];
  if (Math.max(size, formerSize) < SMALL || (size >= formerSize / 2 && size <= formerSize * 2)) return;
  throw new UserError(`pack ${pack.name} has ${size} entries, and the one that is installed ${formerSize}`, { hint });
}

function sizeOf(pack: CleanPack): number {
  return entryCount({ entries: pack.indicators, categories: pack.categories });
}

function untrusted(error: PackError, folder: string): UserError {
  return new UserError(`packs cannot be kept in ${folder}: ${error.message}`, {
    hint: 'it must be a folder of your own that nobody else can write',
  });
}
