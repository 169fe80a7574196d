import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/main.ts';
import { renderManPage } from '../../src/cli/man-page.ts';

const page = renderManPage(createProgram());

test('every command, option and exit code is on the manual page', () => {
  for (const command of [
    'scan',
    'agent run',
    'listeners',
    'connections',
    'findings',
    'explain <id>',
    'allow <pattern>',
    'policy test <pattern>',
    'learn review',
    'intel update',
    'intel check <value>',
    'doctor',
  ]) {
    expect(page).toContain(`.SS "${command}"`);
  }
  for (const option of ['\\-\\-json', '\\-\\-fail\\-on <severity>', '\\-\\-interval <duration>', '\\-\\-no\\-record'])
    expect(page).toContain(option);
  for (const code of [0, 1, 2, 3, 4, 78]) expect(page).toContain(`.B ${code}\n`);
});

test('no line is taken for a request that it is not', () => {
  const known = /^\.(TH|SH|SS|TP|PP|B|I)( |$)/;
  for (const line of page.split('\n')) if (/^[.']/.test(line)) expect(line).toMatch(known);
});

test('it is the same at every run', () => {
  expect(renderManPage(createProgram())).toBe(page);
});
