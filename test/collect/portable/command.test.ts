import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  createCommandRunner,
  superviseCommand,
  toolEnvironment,
  toolPath,
} from '../../../src/collect/portable/command.ts';
import { NEVER } from './recorded.ts';

describe('a tool of the system', () => {
  it('that ignores every polite signal is dead after its time', async () => {
    const { child, ended } = superviseCommand('sh', ['-c', 'trap "" TERM INT HUP; exec sleep 60'], NEVER, {
      timeoutMs: 100,
    });
    const exited = once(child, 'exit');
    expect(await ended).toMatchObject({ problem: 'timeout', exitCode: null });
    expect(await exited).toEqual([null, 'SIGKILL']);
  });

  it('that is aborted is dead too, and the answer is the reason', async () => {
    const controller = new AbortController();
    const { child } = superviseCommand('sh', ['-c', 'exec sleep 60'], controller.signal);
    const exited = once(child, 'exit');
    controller.abort();
    expect(await exited).toEqual([null, 'SIGKILL']);
    await expect(createCommandRunner()('sh', ['-c', 'exec sleep 60'], controller.signal)).rejects.toThrow(/abort/i);
  });

  it('answers with its lines, exit code and the beginning of its complaint', async () => {
    const many = 'i=0; while [ $i -lt 2000 ]; do echo complaint >&2; i=$((i+1)); done; printf "a\\n\\nb"; exit 5';
    const output = await createCommandRunner()('sh', ['-c', many], NEVER);
    expect(output).toMatchObject({ lines: ['a', '', 'b'], exitCode: 5 });
    expect(output.stderr).toHaveLength(4096);
  });

  it('keeps characters whole that arrive in two pieces', async () => {
    const halves = `process.stdout.write(Buffer.from([0xc3]), () => process.stdout.write(Buffer.from([0xa4])))`;
    expect((await createCommandRunner()(process.execPath, ['-e', halves], NEVER)).lines).toEqual(['ä']);
  });

  it('that does not exist, or may not be started, is named as such', async () => {
    const run = createCommandRunner();
    expect(await run('clawwatch-no-such-tool', [], NEVER)).toMatchObject({ problem: 'missing', lines: [] });
    expect(await run('/etc/passwd', [], NEVER)).toMatchObject({ problem: 'not-permitted', lines: [] });
  });
});

describe('the search for tools', () => {
  it('looks only into folders of the system, whatever PATH says', () => {
    const folders = toolEnvironment('darwin').PATH!.split(':');
    expect(folders.every((folder) => /^\/(usr|bin|sbin|run\/current-system)/.test(folder))).toBe(true);
    expect(folders.some((folder) => folder.includes('local'))).toBe(false);
  });

  it('names tools of Windows by their whole path, for Windows looks into the current folder first', () => {
    expect(toolPath('netstat', 'win32', 'D:\\Win')).toBe('D:\\Win\\System32\\netstat.exe');
    expect(toolPath('lsof', 'darwin')).toBe('lsof');
  });
});
