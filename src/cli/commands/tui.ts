import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { runCycle } from '../../agent/cycle.ts';
import { liveHolder } from '../../agent/lock.ts';
import { App } from '../../tui/app.ts';
import { recall, remember, rememberPath } from '../../tui/remember.ts';
import { EXIT, UserError } from '../../types/error.ts';
import type { Context, GlobalOptions, Run } from '../context.ts';
import { createPaint } from '../paint.ts';
import { changeRecord } from '../recording.ts';

const AGENT_EVERY_MS = 1_000;

/** `clawwatch tui`: the screen that is left open, over the record and nothing else. */
export const tui: Run<Pick<GlobalOptions, 'ascii' | 'color'>> = async (context, options) => {
  const { io, config } = context;
  checkTerminal(context);
  const stopping = io.untilStopped();
  const statePath = rememberPath(io.env, io.home);
  try {
    const app = new App({
      screen: await io.openScreen(io.env.TERM ?? ''),
      // Colour is the frame's to give: a paint that adds codes of its own would make lines longer than they look.
      paintOf: (columns) => createPaint({ ...io, columns }, { ...options, color: false }),
      color: context.paint.color,
      config,
      host: hostname(),
      now: io.now,
      monotonic: () => performance.now(),
      isAgentAlive: agentWatch(context),
      openReader: () => io.openLiveReader(config.database),
      fileId: () => (existsSync(config.database) ? statSync(config.database).ino : undefined),
      lookNow: () => look(context),
      addRule: async (rule) => {
        const { addRule } = await import('../../agent/policy-change.ts');
        return changeRecord(context, (store) => addRule(store, rule));
      },
      exportFolder: join(dirname(statePath), 'evidence'),
      remembered: recall(statePath),
      stop: stopping.signal,
    });
    remember(statePath, await app.run());
  } finally {
    stopping.dispose();
  }
  return EXIT.ok;
};

function checkTerminal({ io, json }: Context): void {
  if (json)
    throw new UserError('the screen has no JSON form', { hint: 'clawwatch scan --json, or clawwatch findings --json' });
  if (!io.isTTY || !io.hasKeyboard) {
    throw new UserError('the screen needs a terminal, and this is none', {
      hint: 'for scripts and logs: clawwatch scan, clawwatch findings, clawwatch connections',
    });
  }
  if (!io.env.TERM || io.env.TERM === 'dumb') {
    throw new UserError(`a terminal of the kind "${io.env.TERM ?? ''}" cannot draw a screen`, {
      hint: 'set TERM, for example: TERM=xterm-256color clawwatch tui',
    });
  }
}

/** Whether an agent runs on this database, asked once a second. */
function agentWatch({ io, config }: Context): () => boolean {
  let askedAt = Number.NEGATIVE_INFINITY;
  let isAlive = false;
  return () => {
    if (io.now() - askedAt >= AGENT_EVERY_MS || io.now() < askedAt) {
      askedAt = io.now();
      isAlive = liveHolder({ database: config.database }) !== undefined;
    }
    return isAlive;
  };
}

/** One look with the real stages, put on record as a `clawwatch scan` is. */
async function look({ io, config }: Context): Promise<void> {
  const { stages } = await io.createStages(config, {
    env: io.env,
    now: io.now,
    record: true,
    hostOwners: 'listeners-and-touched',
    waitForBytes: true,
  });
  try {
    await runCycle(stages, 'scan', new AbortController().signal);
    const problem = stages.recorder.problem();
    if (problem) throw new UserError(problem.message, { hint: problem.hint, exitCode: EXIT.internal });
  } finally {
    stages.recorder.close();
  }
}
