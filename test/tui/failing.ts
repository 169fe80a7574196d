/** The screen over a record that breaks in a way that nobody foresaw, for the test of what is left of the terminal. */
import { reportError } from '../../src/cli/failure.ts';
import { processIo } from '../../src/cli/io.ts';
import { createPaint } from '../../src/cli/paint.ts';
import { openLiveReader } from '../../src/store/live.ts';
import { App } from '../../src/tui/app.ts';
import { openScreen } from '../../src/tui/screen.ts';

const [path, how] = process.argv.slice(2);
const io = processIo();
const startedAt = Date.now();
const app = new App({
  screen: await openScreen('xterm-256color'),
  paintOf: (columns) => createPaint({ ...io, columns }, { color: false }),
  color: true,
  config: { intervalMs: 2000 },
  host: 'atlas',
  now: Date.now,
  monotonic: () => performance.now(),
  isAgentAlive: () => false,
  async openReader() {
    const reader = openLiveReader({ path: path! });
    const version = () => {
      if (Date.now() - startedAt < 1_000) return reader.version();
      throw new TypeError('the record bit');
    };
    return how === 'refresh' ? { ...reader, version } : reader;
  },
  fileId: () => 1,
  lookNow: async () => {},
  addRule: () => Promise.reject(new Error('none')),
  exportFolder: '/nonexistent',
  remembered: {},
  stop: new AbortController().signal,
});
if (how === 'timer') {
  setTimeout(() => {
    throw new TypeError('a timer bit');
  }, 1_000);
}
try {
  await app.run();
} catch (error) {
  process.exitCode = reportError(error, io, false);
}
