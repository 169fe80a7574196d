import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = 'hash-key';
const KEY = /^[0-9a-f]{64}$/;

/**
 * The key of the hashes that tell a changed secret from the same one, kept beside the database so that the answer is the
 * same after a restart. Without it, somebody with the database could try tokens against the hashes.
 *
 * @param create whether a missing key is made; a look that records nothing leaves nothing behind.
 * @returns `undefined` when there is none that can be trusted: then changes of a secret show within one run only.
 */
export function loadHashKey(database: string, create: boolean): string | undefined {
  const path = join(dirname(database), NAME);
  try {
    return readKey(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !create) return undefined;
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const key = randomBytes(32).toString('hex');
    // Exclusive: of two that start at once, one writes and the other reads.
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      writeSync(file, key);
    } finally {
      closeSync(file);
    }
    return key;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? loadHashKey(database, false) : undefined;
  }
}

/** Only a small regular file of our own that nobody else can read: a link or a FIFO was put there by somebody else. */
function readKey(path: string): string | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = fstatSync(file);
    const ownUid = process.getuid?.();
    const isOurs = facts.isFile() && (ownUid === undefined || (facts.uid === ownUid && (facts.mode & 0o077) === 0));
    if (!isOurs || facts.size > 256) return undefined;
    const buffer = Buffer.alloc(256);
    const key = buffer.toString('latin1', 0, readSync(file, buffer)).trim();
    return KEY.test(key) ? key : undefined;
  } finally {
    closeSync(file);
  }
}
