import { storageProblem } from '../agent/storage-problem.ts';
import { EXIT, UserError } from '../types/error.ts';
import type { Store } from '../types/store.ts';
import type { Context } from './context.ts';

/**
 * What OpenClaw calls the shells of its agents. An injected text likes to have its own host allowed; this stops a model
 * that is talked into it. It stops no program of the same user, which could write the database itself.
 */
const AGENT_SHELLS: ReadonlySet<string> = new Set(['exec', 'acp-client']);

/**
 * Refuses in a shell that an agent started.
 *
 * @throws UserError
 */
export function refuseAgentShell({ env }: Pick<Context['io'], 'env'>): void {
  if (!AGENT_SHELLS.has(env.OPENCLAW_SHELL ?? '') && !env.OPENCLAW_SUBAGENT_EXEC) return;
  throw new UserError('this shell was started by an agent of OpenClaw, and what it may do is not its own to decide', {
    hint: 'run the command in a terminal of your own',
  });
}

/** Runs `use` on the record, open for writing beside an agent, and closes it. Trouble becomes a sentence with a hint. */
export async function changeRecord<Result>(
  { io, config }: Pick<Context, 'io' | 'config'>,
  use: (store: Store) => Result,
): Promise<Result> {
  refuseAgentShell(io);
  let store: Store | undefined;
  try {
    const opened = await io.openStore(config);
    store = opened;
    return use(opened);
  } catch (error) {
    const problem = error instanceof UserError ? undefined : storageProblem(error, config.database);
    if (!problem) throw error;
    throw new UserError(problem.message, { hint: problem.hint, exitCode: EXIT.internal, cause: error });
  } finally {
    store?.close();
  }
}
