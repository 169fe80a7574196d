import { storageProblem } from '../agent/storage-problem.ts';
import type { Config } from '../config/schema.ts';
import { EXIT, UserError } from '../types/error.ts';
import type { CycleRecord, StoreReader } from '../types/store.ts';
import type { Io } from './io.ts';

/** Runs `use` on the record and closes it. SQLite's trouble becomes a sentence with a hint. */
export async function readRecord<Result>(
  { io, config }: { io: Io; config: Config },
  use: (reader: StoreReader) => Result,
): Promise<Result | undefined> {
  let reader: StoreReader | undefined;
  try {
    reader = await io.openReader(config.database);
    return reader && use(reader);
  } catch (error) {
    const problem = error instanceof UserError ? undefined : storageProblem(error, config.database);
    if (!problem) throw error;
    throw new UserError(problem.message, { hint: problem.hint, exitCode: EXIT.internal, cause: error });
  } finally {
    reader?.close();
  }
}

/** True when an agent wrote the record moments ago, so that it is as good as a fresh look. */
export function isRecent(cycle: CycleRecord | undefined, config: Pick<Config, 'intervalMs'>, now: number): boolean {
  if (cycle?.origin !== 'agent') return false;
  const age = now - cycle.at;
  return age >= 0 && age <= Math.max(3 * config.intervalMs, 15_000);
}

/** For commands that change what is there: a mistyped --db must not end in a new, empty record. @throws UserError */
export async function requireRecord(context: { io: Io; config: Config }): Promise<void> {
  if (!(await readRecord(context, () => true))) throw noRecord(context.config);
}

export function noRecord(config: Pick<Config, 'database'>): UserError {
  return new UserError(`nothing is recorded yet in ${config.database}`, {
    hint: 'look once with: clawwatch scan   or all the time with: clawwatch agent run',
  });
}
