import { createReadStream } from 'node:fs';
import { readReplay } from '../../agent/replay/events.ts';
import { replayParts } from '../../agent/replay/parts.ts';
import { caseLines, totalsLine } from '../../agent/replay/report.ts';
import { type CaseReport, judgeCase } from '../../agent/replay/verdict.ts';
import { EXIT, UserError } from '../../types/error.ts';
import type { Context, Run } from '../context.ts';

/** More is no file of cases. */
const MAX_BYTES = 8 * 1_048_576;

/** `clawwatch replay events.jsonl`: what the rules say of a recording or of cases, on a clock of its own. */
export const replay: Run<{ file: string; only?: string }> = async (context, { file, only }) => {
  const text = await readText(file);
  const wanted = only?.split(',');
  const cases = readReplay(text, file.endsWith('.jsonl')).filter(({ id }) => wanted?.includes(id) ?? true);
  if (cases.length === 0) {
    throw new UserError(`${file} holds no case${only === undefined ? '' : ` called ${only.slice(0, 80)}`}`, {
      hint: 'cases are YAML with id, pre and run; events are JSON lines with t and do, in a file that ends in .jsonl',
    });
  }
  const reports = cases.map((each) => judgeCase(each, replayParts(), () => performance.now()));
  context.answer({
    text: () => [...reports.flatMap((report) => lines(report, context)), totalsLine(reports)],
    json: () => ({ command: 'replay', cases: reports, totals: totalsLine(reports) }),
  });
  return reports.some(({ outcome }) => outcome !== 'pass') ? EXIT.findings : EXIT.ok;
};

function lines(report: CaseReport, { paint }: Context): string[] {
  return [
    ...caseLines(report),
    ...report.found.map(
      ({ rule, severity, afterS, title }) =>
        `        ${afterS.toFixed(1).padStart(10)} s  ${severity.toUpperCase().padEnd(8)} ${rule}  ${paint.text(title, 300)}`,
    ),
  ];
}

async function readText(file: string): Promise<string> {
  let text = '';
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
      text += chunk as string;
      if (text.length > MAX_BYTES) throw new UserError(`${file} is larger than 8 MiB`, { hint: 'split it' });
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`, {
      hint: 'give the path of a file of cases or events',
    });
  }
  return text;
}
