import { EXIT, UserError } from '../../types/error.ts';
import type { Run } from '../context.ts';
import { count } from '../format.ts';
import { changeRecord } from '../recording.ts';
import { wrap } from '../width.ts';

/** `clawwatch acknowledge F-7K2M9Q`: a person has seen it. It stays a finding, and comes back as new once it has ended and returns. */
export const acknowledge: Run<{ ids: string[]; reason?: string }> = async (context, { ids, reason = '' }) => {
  const now = context.io.now();
  const seen = await changeRecord(context, (store) => {
    // All of them before any: a mistyped one must not leave half done.
    const findings = ids.map((id) => store.finding(id) ?? unknown(id));
    for (const { fingerprint, status } of findings) {
      if (status === 'open') store.setFindingStatus(fingerprint, 'acknowledged', reason, now);
    }
    return findings.map(({ id, status }) => ({ id, before: status }));
  });
  const done = seen.filter(({ before }) => before === 'open');
  const rest = seen.filter(({ before }) => before !== 'open');
  context.answer({
    text: () => [
      ...wrap(`${count(done.length, 'finding')} acknowledged`, context.paint.width),
      ...rest.map(({ id, before }) => context.paint.text(`${id} was ${before} already`, 120)),
    ],
    json: () => ({ command: 'acknowledge', findings: seen }),
  });
  return EXIT.ok;
};

function unknown(id: string): never {
  throw new UserError(`there is no finding ${id.slice(0, 80)}`, { hint: 'list them: clawwatch findings' });
}
