import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { createNetstatRunner } from '../../../src/collect/portable/netstat-runner.ts';
import { NEVER } from './recorded.ts';

const require = createRequire(import.meta.url);
const library = () => ({
  netstat: require('node-netstat') as { commands: object; parsers: object },
  activators: require('node-netstat/lib/activators') as { _spawn: unknown },
});
const script = (text: string) => ['-e', text];

describe('the runner on node-netstat', () => {
  it('gives all lines of the tool, the last one without a line feed too, and its exit code and complaint', async () => {
    const output = await createNetstatRunner()(
      process.execPath,
      script(`process.stdout.write('one\\n\\ntwo'); process.stderr.write('no'); process.exitCode = 3`),
      NEVER,
    );
    expect(output).toEqual({ lines: ['one', '', 'two'], stderr: 'no', exitCode: 3 });
  });

  it('leaves the library as it was, while two runs overlap and after a missing program', async () => {
    const { netstat, activators } = library();
    const before = { ...activators, commands: { ...netstat.commands }, parsers: { ...netstat.parsers } };
    const run = createNetstatRunner();
    const runs = [run(process.execPath, script(`console.log('a')`), NEVER), run('clawwatch-no-such-tool', [], NEVER)];
    expect({ ...activators, commands: { ...netstat.commands }, parsers: { ...netstat.parsers } }).toEqual(before);
    const [first, second] = await Promise.all(runs);
    expect(first?.lines).toEqual(['a']);
    expect(second).toMatchObject({ problem: 'missing', lines: [] });
    expect({ ...activators, commands: { ...netstat.commands }, parsers: { ...netstat.parsers } }).toEqual(before);
  });

  it('runs tools with words in C, times in UTC and nothing of our own environment', async () => {
    process.env.CLAWWATCH_TEST_LEAK = 'leaked';
    try {
      const output = await createNetstatRunner()(
        process.execPath,
        script('console.log(JSON.stringify(process.env))'),
        NEVER,
      );
      const env = JSON.parse(output.lines[0]!) as Record<string, string>;
      expect(env).toMatchObject({ LC_ALL: 'C', TZ: 'UTC0' });
      expect(env).not.toHaveProperty('CLAWWATCH_TEST_LEAK');
    } finally {
      delete process.env.CLAWWATCH_TEST_LEAK;
    }
  });

  it('kills a tool that does not end, and keeps what it said', async () => {
    const hang = ['-c', 'echo started; exec sleep 60'];
    const output = await createNetstatRunner({ timeoutMs: 1000 })('sh', hang, NEVER);
    expect(output).toMatchObject({ problem: 'timeout', exitCode: null });
    expect(output.lines).toEqual(['started']);
  });

  it('kills a tool that prints without end', async () => {
    const flood = script(`const more = () => process.stdout.write('x'.repeat(65536) + '\\n', more); more()`);
    const output = await createNetstatRunner({ maxBytes: 1_000_000 })(process.execPath, flood, NEVER);
    expect(output.problem).toBe('too-much-output');
  });

  it('reads more than the library can read in one piece', async () => {
    const many = script(`for (let i = 0; i < 30000; i++) console.log('x'.repeat(100))`);
    expect((await createNetstatRunner()(process.execPath, many, NEVER)).lines).toHaveLength(30_000);
  });

  it('rejects when aborted, before and during the run', async () => {
    const run = createNetstatRunner();
    const reason = new Error('enough');
    await expect(run(process.execPath, script('0'), AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const running = run(process.execPath, script('setInterval(() => {}, 1000)'), controller.signal);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});
