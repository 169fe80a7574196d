import { DURATION_FORM, parseDuration } from '../../config/duration.ts';
import { hygieneOf } from '../../intel/intel.ts';
import { type Updated, updatePack } from '../../intel/update.ts';
import { CHECK_EVERY_MS } from '../../intel/watch.ts';
import { EXIT, UserError } from '../../types/error.ts';
import { labelled } from '../block.ts';
import type { Context, Run } from '../context.ts';
import { bytes } from '../format.ts';
import { day, folderOf, packAnswer, packLines } from '../intel-text.ts';
import { refuseAgentShell } from '../recording.ts';
import { withDiskHints } from './intel-change.ts';

export interface IntelUpdateOptions {
  from: string;
  sha256?: string;
  key?: string;
  unsigned?: boolean;
  name?: string;
  force?: boolean;
  timeout?: string;
  ca?: string;
}

const TIMEOUT_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** `clawwatch intel update`: the only command that fetches something, and only from where it is told to. */
export const intelUpdate: Run<IntelUpdateOptions> = async (context, options) => {
  const { io, config } = context;
  refuseAgentShell(io);
  const { timeout, ...request } = options;
  const timeoutMs = timeoutOf(timeout);
  const now = io.now();
  const folder = folderOf(context);
  const updated = await withDiskHints(folder, () =>
    updatePack({ ...request, cwd: io.cwd, folder, timeoutMs }, hygieneOf({ labPublic: config.labPublic }, now)),
  );
  const { pack, changed, checkedBy, sha256, hasFormer } = updated;
  if (pack.licence === undefined) {
    context.warn(`pack ${pack.name} names no licence: whether it may be used or passed on is for you to find out`);
  }
  context.answer({
    text: () => screen(updated, context),
    json: () => ({
      command: 'intel update',
      changed,
      checkedBy,
      sha256,
      bytes: updated.bytes,
      hasFormer,
      pack: packAnswer(pack, now),
    }),
  });
  return EXIT.ok;
};

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return TIMEOUT_MS;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0 && ms <= LONGEST_MS) return ms;
  throw new UserError(`--timeout ${text.slice(0, 80)} is not possible`, { hint: `give ${DURATION_FORM}, at most 1h` });
}

function screen(
  { pack, changed, checkedBy, sha256, bytes: size, hasFormer }: Updated,
  { paint, io }: Context,
): string[] {
  const how = checkedBy.length > 0 ? `checked by ${checkedBy.join(' and ')}` : 'not checked by checksum or signature';
  const dated = pack.datedAt === undefined ? 'no date' : `dated ${day(pack.datedAt)}`;
  return [
    ...labelled(
      'OK',
      `pack ${pack.name} ${changed ? 'is installed' : 'was installed already: nothing to do'}`,
      paint,
      'green',
    ),
    ...labelled('', `${dated}, licence ${paint.text(pack.licence ?? 'unknown', 100)}, ${bytes(size)}, ${how}`, paint),
    ...labelled('', `sha256 ${sha256}`, paint),
    ...packLines(pack, io.now(), paint),
    ...(changed ? labelled('', `a running agent takes it over within ${CHECK_EVERY_MS / 1000} s`, paint) : []),
    ...(changed && hasFormer ? labelled('', `the one before it: clawwatch intel rollback ${pack.name}`, paint) : []),
  ];
}
