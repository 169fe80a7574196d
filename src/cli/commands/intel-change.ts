import { installedBytes, installPack, packPaths, removePack } from '../../intel/installed.ts';
import { BUNDLED_NAME, checkPack, hygieneOf } from '../../intel/intel.ts';
import { isPackName, PackError, packText, parsePack } from '../../intel/pack.ts';
import { EXIT, UserError } from '../../types/error.ts';
import { labelled } from '../block.ts';
import type { Run } from '../context.ts';
import { folderOf, packAnswer, packLines } from '../intel-text.ts';
import { refuseAgentShell } from '../recording.ts';

/** `clawwatch intel rollback <name>`: the pack before the last update comes back, and that one is kept in its place. */
export const intelRollback: Run<{ name: string }> = async (context, { name }) => {
  const { io, config, paint } = context;
  refuseAgentShell(io);
  checkName(name);
  const folder = folderOf(context);
  const now = io.now();
  const pack = await withDiskHints(folder, async () => {
    const former = installedBytes(packPaths(folder, name).former);
    if (former === undefined)
      throw new UserError(`there is no pack before ${name}`, { hint: 'see clawwatch intel list' });
    const checked = checkPack(parsePack(packText(former)), hygieneOf({ labPublic: config.labPublic }, now));
    installPack(folder, name, former);
    return { ...checked, name };
  });
  context.answer({
    text: () => [
      ...labelled('OK', `pack ${name} is again the one before`, paint, 'green'),
      ...packLines(pack, now, paint),
    ],
    json: () => ({ command: 'intel rollback', pack: packAnswer(pack, now) }),
  });
  return EXIT.ok;
};

/** `clawwatch intel remove <name>`. */
export const intelRemove: Run<{ name: string }> = async (context, { name }) => {
  refuseAgentShell(context.io);
  checkName(name);
  const folder = folderOf(context);
  await withDiskHints(folder, async () => {
    if (!removePack(folder, name)) {
      throw new UserError(`no pack ${name} is installed`, { hint: 'see clawwatch intel list' });
    }
  });
  context.answer({
    text: () =>
      labelled('OK', `pack ${name} is removed; what it listed is not looked for any more`, context.paint, 'green'),
    json: () => ({ command: 'intel remove', name }),
  });
  return EXIT.ok;
};

function checkName(name: string): void {
  if (name === BUNDLED_NAME) {
    throw new UserError('the bundled pack is part of ClawWatch and is neither changed nor removed', {
      hint: 'silence what it finds with clawwatch suppress',
    });
  }
  const shown = name.slice(0, 80);
  if (!isPackName(name)) {
    throw new UserError(`${shown} is no name of a pack`, { hint: 'see clawwatch intel list' });
  }
}

/** Runs something on the folder of packs; what the system or the files say against it becomes a sentence with a hint. */
export async function withDiskHints<Result>(folder: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof PackError) {
      throw new UserError(`the packs in ${folder} stay as they are: ${error.message}`, {
        hint: 'it must be a folder of your own that nobody else can write, with files of your own',
        exitCode: EXIT.internal,
      });
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw new UserError(`packs cannot be written in ${folder} (${code}); they stay as they are`, {
      hint: 'check owner, mode and free space of that folder',
      exitCode: EXIT.internal,
      cause: error,
    });
  }
}
