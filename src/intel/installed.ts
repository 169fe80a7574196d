import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { folderProblem, readPackFile } from './folder.ts';
import { PackError } from './pack.ts';

/** Where a pack of that name is, and the one that was there before it. */
export function packPaths(folder: string, name: string): { current: string; former: string } {
  return { current: join(folder, `${name}.json`), former: join(folder, `${name}.json.former`) };
}

/**
 * Puts a pack in the place of the one with its name, which is kept for a way back. In one step: after a power cut there
 * is the old one or the new one, whole.
 *
 * @throws PackError when the folder or a file in it is not to be trusted; errors of the system as they are.
 */
export function installPack(folder: string, name: string, bytes: Uint8Array): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const problem = folderProblem(folder);
  if (problem !== undefined) throw new PackError(problem);
  const { current, former } = packPaths(folder, name);
  const draft = join(folder, `.${name}.${process.pid}.tmp`);
  writeDraft(draft, bytes);
  try {
    refuseForeign(current);
    refuseForeign(former);
    if (isThere(current)) replace(former, readPackFile(current, true), `${draft}2`);
    renameSync(draft, current);
    syncFolder(folder);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Bytes of a pack on disk, `undefined` where there is none. */
export function installedBytes(path: string): Buffer | undefined {
  return isThere(path) ? readPackFile(path, true) : undefined;
}

/** Removes a pack and the one before it; false when there was none. */
export function removePack(folder: string, name: string): boolean {
  const { current, former } = packPaths(folder, name);
  const wasThere = isThere(current);
  rmSync(current, { force: true });
  rmSync(former, { force: true });
  return wasThere;
}

function replace(path: string, bytes: Uint8Array, draft: string): void {
  writeDraft(draft, bytes);
  renameSync(draft, path);
}

function writeDraft(path: string, bytes: Uint8Array): void {
  rmSync(path, { force: true });
  // Exclusive: never through a link that waits in this place.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  // Windows opens no folder; there the rename is all that can be had.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function refuseForeign(path: string): void {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return;
  if (!facts.isFile()) throw new PackError('the place of the pack is taken by something that is no regular file');
  const uid = process.getuid?.();
  if (uid !== undefined && facts.uid !== uid) {
    throw new PackError(`the pack that is there belongs to user ${facts.uid}`);
  }
}
