import { describe, expect, test } from 'vitest';
import { readCases } from '../../../src/agent/replay/case.ts';
import { readReplay } from '../../../src/agent/replay/events.ts';

const RUN = 'run: [{t: 0, do: noop}]';

describe('a file of cases', () => {
  test('is Markdown with fenced blocks, several documents, a list, or a list below "cases"', () => {
    const one = (id: string) => `id: ${id}\nkind: benign\n${RUN}\n`;
    const list = (...ids: string[]) => ids.map((id) => `- {id: ${id}, kind: benign, ${RUN}}`).join('\n');
    const ids = (text: string) => readCases(text).map(({ id, problems }) => `${id}${problems.join()}`);
    expect(ids(`${one('A')}---\n${one('B')}`)).toEqual(['A', 'B']);
    expect(ids(list('A', 'B'))).toEqual(['A', 'B']);
    expect(ids(`names: {x.test: 198.51.100.9}\ncases:\n${list('A')}`)).toEqual(['A']);
    expect(
      ids(`# T\n\n\`\`\`yaml\n${one('A')}\`\`\`\ntext\n\n  \`\`\`yml title\n${list('B', 'C')}\n  \`\`\`\n`),
    ).toEqual([...['A', 'B', 'C']]);
    expect(ids(`\`\`\`yaml\r\n${one('A').replaceAll('\n', '\r\n')}\`\`\`\r\n`)).toEqual(['A']);
  });

  test('reads the same from other spellings of the same', () => {
    const plain = readCases(
      'id: A\nkind: malicious\nneeds: T1\npre: P1\ndelta: {a.b: 1}\nrun: [{t: 2, do: noop, key: true}]\nexpect: [{rule: EGR-02, sev: low, within: 4}]\nallow: [EGR-04]\nmust_not: [EXP-01]',
    );
    const other = readCases(
      'must_not: EXP-01\nallow: EGR-04\nexpect: {within: "4", sev: "low", rule: "EGR-02"}\nrun: [{key: "true", do: "noop", t: "2"}]\npre: {delta: {a.b: 1}, profile: P1}\nneeds: "T1"\nkind: "malicious"\nid: "A"',
    );
    expect(other).toEqual(plain);
    expect(plain[0]!.problems).toEqual([]);
  });

  test('declares names and indicators for all, for one, and among the differences of one', () => {
    const text = [
      'lab: {names: {A.test: 198.51.100.9}, indicators: {bad.test: A}}',
      `id: ONE\n${RUN}\nnames: {b.test: [198.51.100.10, 198.51.100.11]}`,
      `id: TWO\n${RUN}\ndelta: {names: {a.test: "2001:db8::9"}, x.y: 1}\nlab: {indicators: {worse.test: B}}`,
    ].join('\n---\n');
    const [one, two] = readCases(text.replaceAll('id:', 'kind: benign\nid:'));
    expect(one).toMatchObject({ names: { 'a.test': '198.51.100.9', 'b.test': '198.51.100.10' }, delta: {} });
    expect(two).toMatchObject({ names: { 'a.test': '2001:db8::9' }, delta: { 'x.y': 1 } });
    expect(two!.indicators).toEqual({ 'bad.test': 'A', 'worse.test': 'B' });
    expect(one!.indicators).toEqual({ 'bad.test': 'A' });
  });

  test.each([
    ['id: A\nkind: evil\nrun: [{do: noop}]', 'kind: evil is none of'],
    ['id: A\nkind: benign\nrun: []', 'no steps'],
    ['id: A\nkind: benign\nrun: [{t: soon, do: noop}]', 'bad t'],
    ['id: A\nkind: benign\nrun: [{t: 1}]', 'without do'],
    ['id: A\nkind: malicious\nrun: [{do: noop}]\nexpect: [{rule: X}]', 'needs a rule and a severity'],
    ['id: A\nkind: benign\nrun: [{do: noop}', 'A:'],
  ])('%j is not run, and says why', (text, problem) => {
    expect(readCases(text)[0]!.problems.join('; ')).toContain(problem);
  });
});

test('a recording has an event on each line, and one line for the machine', () => {
  const text =
    '{"pre": "P1", "names": {"a.test": "198.51.100.9"}}\n{"t": 1, "do": "noop"}\n\n{"t": 2.5, "do": "noop"}\n';
  expect(readReplay(text, true)[0]).toMatchObject({ pre: 'P1', names: { 'a.test': '198.51.100.9' }, problems: [] });
  expect(readReplay(text, true)[0]!.run.map(({ t }) => t)).toEqual([1, 2.5]);
  expect(readReplay('{"t": 1}\nnonsense\n', true)[0]!.problems).toEqual([
    'line 2 is no JSON object',
    'it has no events',
  ]);
});
