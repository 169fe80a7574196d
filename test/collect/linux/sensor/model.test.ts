import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SensorEvent } from '../../../../src/types/sensor.ts';
import { numRuns } from '../fuzz.ts';
import { connect, createStory, exit, fork, GATEWAY, living, STRANGER } from './story.ts';

/** What happens next; numbers choose among whoever lives then. */
type Act = { kind: 'fork' | 'exit' | 'connect' | 'look'; choice: number };

interface Being {
  pid: number;
  ppid: number;
  /** Who made it, also after its end. */
  maker: number;
  bornAt: number;
  /** By its makers, whatever became of them. */
  isFamily: boolean;
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('fork', 'fork', 'fork', 'exit', 'exit', 'connect', 'connect', 'look'),
  choice: fc.nat(1_000),
});

/** The same host twice: as it is, and as the witness is told of it. */
function createModel(pids: { reuse: boolean }) {
  const beings = new Map<number, Being>();
  let seconds = 1;
  let fresh = 300;
  const root = (pid: number, isFamily: boolean) => beings.set(pid, { pid, ppid: 1, maker: 1, bornAt: 0, isFamily });
  root(GATEWAY, true);
  root(STRANGER, false);

  function freePid(): number | undefined {
    if (!pids.reuse) return fresh++;
    // A pid that lives again while a child of its first owner lives is a limit: one table has one process for each pid.
    const makers = new Set([...beings.values()].map(({ maker }) => maker));
    for (let pid = 300; pid < 308; pid++) if (!beings.has(pid) && !makers.has(pid)) return pid;
    return undefined;
  }

  const pick = (choice: number) => [...beings.values()][choice % beings.size]!;

  return {
    seconds: () => seconds,
    family: () => new Set([...beings.values()].filter(({ isFamily }) => isFamily).map(({ pid }) => pid)),
    living: () =>
      [...beings.values()]
        .filter(({ pid }) => pid !== GATEWAY && pid !== STRANGER)
        .map(({ pid, ppid, bornAt }) => living(pid, ppid, bornAt)),
    /** The event of an act, and who connected. */
    act({ kind, choice }: Act): { event?: SensorEvent; connected?: Being } {
      seconds += 0.25;
      const being = pick(choice);
      if (kind === 'connect') return { event: connect(seconds, being.pid), connected: being };
      if (kind === 'exit') {
        if (being.pid === GATEWAY || being.pid === STRANGER) return {};
        beings.delete(being.pid);
        for (const child of beings.values()) if (child.ppid === being.pid) child.ppid = 1;
        return { event: exit(seconds, being.pid) };
      }
      const pid = freePid();
      if (pid === undefined) return {};
      const event = fork(seconds, pid, being.pid);
      beings.set(pid, { pid, ppid: being.pid, maker: being.pid, bornAt: event.at, isFamily: being.isFamily });
      return { event };
    },
  };
}

const attemptsOf = (brief: { attempts?: number }[]) => brief.reduce((sum, { attempts = 1 }) => sum + attempts, 0);
const numberIn = (text = '0') => Number(/\d+/.exec(text)![0]);

describe('any history of births, ends and connections', () => {
  test('tells of every connection of the family and of no other, also when the last events come late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), fc.nat(3), async (acts, late) => {
        const it = createStory();
        try {
          const model = createModel({ reuse: false });
          const waiting: SensorEvent[] = [];
          let wanted = 0;
          let told = 0;
          async function look(hold: number): Promise<void> {
            it.tell(...waiting.splice(0, Math.max(0, waiting.length - hold)));
            const got = await it.look(model.seconds(), model.living());
            told += attemptsOf(got.brief) + numberIn(got.spots['sensor.unfollowed']);
            for (const { pid } of model.living()) {
              if (!model.family().has(pid)) expect(got.family).not.toHaveProperty(String(pid));
            }
          }
          await look(0);
          for (const each of acts) {
            if (each.kind === 'look') await look(late);
            else {
              const { event, connected } = model.act(each);
              if (connected?.isFamily) wanted++;
              if (event !== undefined) waiting.push(event);
            }
          }
          await look(late);
          await look(0);
          expect(told).toBe(wanted);
        } finally {
          it.remove();
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });

  test('makes no living stranger family, and loses no one of it, where few pids are used again and again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 80 }), async (acts) => {
        const it = createStory();
        try {
          const model = createModel({ reuse: true });
          await it.look(model.seconds());
          for (const each of acts) {
            if (each.kind !== 'look') {
              const { event } = model.act(each);
              if (event !== undefined) it.tell(event);
              continue;
            }
            const got = await it.look(model.seconds(), model.living());
            const family = model.family();
            const alive = model.living().map(({ pid }) => pid);
            expect(alive.filter((pid) => String(pid) in got.family)).toEqual(alive.filter((pid) => family.has(pid)));
          }
        } finally {
          it.remove();
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });
});

test('random events of nobody in any order end in a look', async () => {
  const pid = fc.constantFrom(0, 1, 2, GATEWAY, STRANGER, 300, 301, 302, 0x7fff_ffff);
  const moment = fc.double({ min: 0, max: 8.64e15, noNaN: true });
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const event: fc.Arbitrary<SensorEvent> = fc.oneof(
    fc.record({ kind: fc.constant('fork' as const), at: moment, pid, ppid: pid, comm: text }),
    fc.record({ kind: fc.constant('exec' as const), at: moment, pid, filename: text }),
    fc.record({ kind: fc.constant('exit' as const), at: moment, pid }),
    fc
      .tuple(pid, moment, fc.constantFrom('tcp', 'udp', 'icmp'), fc.nat(65_535), fc.integer({ min: 1 }))
      .map(
        ([who, at, protocol, port, count]) =>
          ({ ...connect(1, who), at, protocol, count, remote: { address: 'x', port } }) as SensorEvent,
      ),
    fc.record({
      kind: fc.constant('name' as const),
      at: moment,
      address: text,
      name: text,
      source: fc.constantFrom('dns' as const, 'sni' as const),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(event, { maxLength: 20 }), { maxLength: 4 }), async (looks) => {
      const it = createStory();
      try {
        for (const [index, events] of looks.entries()) {
          it.tell(...events);
          const got = await it.look(index * 2);
          expect(got.family).not.toHaveProperty(String(STRANGER));
          expect(got.table.processes.size).toBeLessThan(20);
        }
      } finally {
        it.remove();
      }
    }),
    { numRuns: Math.ceil(numRuns / 5) },
  );
});
