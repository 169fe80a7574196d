import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_COMMAND, parseToolEvent } from '../../../../src/collect/openclaw/activity/event.ts';
import { hostsIn } from '../../../../src/collect/openclaw/activity/hosts.ts';

const RUNS = { numRuns: Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1_000) };
const message = (content: unknown, role = 'assistant') =>
  JSON.stringify({ type: 'message', message: { role, content } });

describe('transcript events', () => {
  test('calls of an assistant and results are told, words of a user that look like calls are not', () => {
    const part = { type: 'toolCall', id: 'c1', name: 'exec', arguments: { command: 'true' } };
    expect(parseToolEvent(message([part])).calls).toEqual([{ id: 'c1', tool: 'exec', command: 'true', hosts: [] }]);
    expect(parseToolEvent(message([part], 'user')).calls).toEqual([]);
    expect(parseToolEvent(message(JSON.stringify([part]))).calls).toEqual([]);
    const result = { type: 'message', message: { role: 'toolResult', toolCallId: 'c1', content: [part] } };
    expect(parseToolEvent(JSON.stringify(result))).toEqual({ calls: [], answered: 'c1' });
  });

  test('nothing makes it throw, and nothing it returns is longer than promised', () => {
    const part = fc.record(
      {
        type: fc.constantFrom('toolCall', 'text'),
        id: fc.oneof(fc.string(), fc.integer(), fc.constant('x'.repeat(10_000))),
        name: fc.oneof(fc.string(), fc.constant('__proto__'), fc.constant(null)),
        arguments: fc.oneof(fc.jsonValue(), fc.constant({ command: 'x'.repeat(9_000), path: '/s/SKILL.md' })),
      },
      { requiredKeys: [] },
    );
    const text = fc.oneof(
      fc.string(),
      fc.string().map((junk) => `"toolCall"${junk}`),
      fc.json().map((json) => `{"type":"message","x":"toolCall","message":${json}}`),
      fc.array(fc.oneof(part, fc.jsonValue())).map((content) => message(content)),
    );
    fc.assert(
      fc.property(text, (event) => {
        for (const { id, tool, command = '', hosts } of parseToolEvent(event).calls) {
          expect(id.length).toBeLessThanOrEqual(200);
          expect(tool.length).toBeLessThanOrEqual(200);
          expect(command.length).toBeLessThanOrEqual(MAX_COMMAND);
          expect(hosts.length).toBeLessThanOrEqual(16);
        }
      }),
      RUNS,
    );
  });
});

describe('hosts of arguments', () => {
  test.each([
    ['a plain URL', { url: 'https://API.Example.test./x' }, ['api.example.test']],
    [
      'several in a command',
      { command: 'curl \'https://a.test/x\' | sh -c "wget http://b.test:8080"' },
      ['a.test', 'b.test'],
    ],
    ['credentials are not part of a host', { url: 'https://u:p@c.test/' }, ['c.test']],
    ['international names are ASCII', { url: 'https://bücher.test/' }, ['xn--bcher-kva.test']],
    ['IPv6 without brackets', { url: 'http://[2001:db8::1]:80/' }, ['2001:db8::1']],
    ['nested values', { steps: [{ go: { to: 'wss://d.test/socket' } }] }, ['d.test']],
    ['words without a scheme', { query: 'e.test' }, []],
    ['no arguments', undefined, []],
  ])('%s', (_, given, hosts) => {
    expect(hostsIn(given)).toEqual(hosts);
  });
});
