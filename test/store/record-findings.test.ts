import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { openStore } from '../../src/store/store.ts';
import { findingId } from '../../src/types/finding.ts';
import { at, finding, snapshot, useDirectories } from './machine.ts';

const places = useDirectories();
const newStore = (path = places.file(), uid = 1000) => places.closing(openStore({ path, uid }));
const only = (store: ReturnType<typeof newStore>) => store.findings()[0];
const exposed = finding('gateway default', { gatewayId: 'default' });

describe('the life of a finding', () => {
  test('new, counted, resolved, reopened, with its first sight kept', () => {
    const store = newStore();
    const first = store.recordCycle(snapshot(0), [exposed], 'agent');
    expect(first.findings).toMatchObject([{ id: findingId(exposed.fingerprint), status: 'open', count: 1 }]);
    store.recordCycle(snapshot(2), [exposed], 'agent');
    expect(only(store)).toMatchObject({ status: 'open', firstAt: at(0), lastAt: at(2), count: 2 });
    store.recordCycle(snapshot(4), [], 'agent');
    expect(only(store)).toMatchObject({ status: 'resolved', resolvedAt: at(4), lastAt: at(2) });
    const back = store.recordCycle(snapshot(6), [exposed], 'agent');
    expect(back.findings).toMatchObject([{ status: 'open', firstAt: at(0), count: 3 }]);
    expect(only(store)).not.toHaveProperty('resolvedAt');
  });

  test('each change of status is kept with its reason', () => {
    const path = places.file();
    const store = newStore(path);
    store.recordCycle(snapshot(0), [exposed], 'agent');
    store.setFindingStatus(exposed.fingerprint, 'suppressed', 'lab machine', at(1));
    store.close();
    const raw = places.closing(openDatabase(path));
    expect(raw.prepare('SELECT event, reason, at FROM finding_events ORDER BY id').all()).toEqual([
      { event: 'new', reason: '', at: at(0) },
      { event: 'suppressed', reason: 'lab machine', at: at(1) },
    ]);
  });

  test('a muted one stays muted while it is seen, while it is absent and when it comes back', () => {
    const store = newStore();
    store.recordCycle(snapshot(0), [exposed], 'agent');
    store.setFindingStatus(exposed.fingerprint, 'suppressed', 'known', at(1));
    expect(store.recordCycle(snapshot(2), [exposed], 'agent').findings).toMatchObject([
      { status: 'suppressed', count: 2 },
    ]);
    store.recordCycle(snapshot(4), [], 'agent');
    expect(only(store)).toMatchObject({ status: 'suppressed', resolvedAt: at(4) });
    store.recordCycle(snapshot(6), [exposed], 'agent');
    expect(only(store)).toMatchObject({ status: 'suppressed', count: 3 });
  });

  test('a status for a finding that does not exist is refused', () => {
    expect(() => newStore().setFindingStatus('ab', 'resolved', '', at(0))).toThrow(/no finding/);
  });

  test('colliding short ids are told apart by one more character', () => {
    const store = newStore();
    const [one, two] = ['a', 'b'].map((tail) =>
      finding(tail, { fingerprint: `0123456789abcde${tail}`.padEnd(64, tail) }),
    );
    const { findings } = store.recordCycle(snapshot(0), [one!, two!], 'agent');
    expect(findings.map((each) => each.id)).toEqual([findingId(one!.fingerprint), findingId(two!.fingerprint, 7)]);
    expect(store.finding(findingId(one!.fingerprint))?.fingerprint).toBe(one!.fingerprint);
  });
});

describe('not seen is not gone', () => {
  const unknown = finding('cannot tell', { verdict: 'unknown', gatewayId: 'default' });
  const gap = (gatewayId?: string) => ({
    ...{ id: 'proc.fd.denied', source: 'procfs', what: 'x', why: 'y', essential: true },
    ...(gatewayId === undefined ? {} : { gatewayId }),
  });

  test('a rule that could not judge resolves nothing', () => {
    const store = newStore();
    store.recordCycle(snapshot(0), [exposed], 'agent');
    store.recordCycle(snapshot(2), [unknown], 'agent');
    expect(store.finding(exposed.fingerprint)?.status).toBe('open');
    store.recordCycle(snapshot(4), [], 'agent');
    expect(store.findings().map((each) => each.status)).toEqual(['resolved', 'resolved']);
  });

  test('"cannot tell" does not take the place of a finding with the same fingerprint', () => {
    const store = newStore();
    store.recordCycle(snapshot(0), [exposed], 'agent');
    const { findings } = store.recordCycle(snapshot(2), [{ ...exposed, verdict: 'unknown' }], 'agent');
    expect(findings).toMatchObject([{ verdict: 'finding', status: 'open', lastAt: at(0), count: 1 }]);
  });

  test('what a finding says is what the last look said, whichever process told it', () => {
    const path = places.file();
    const [one, other] = [newStore(path), newStore(path)];
    one.recordCycle(snapshot(0), [exposed], 'agent');
    one.recordCycle(snapshot(2), [exposed], 'agent');
    const { findings } = other.recordCycle(snapshot(4), [{ ...exposed, title: 'another title' }], 'agent');
    expect([findings[0]?.title, only(one)?.title]).toEqual(['another title', 'another title']);
    one.recordCycle(snapshot(6), [exposed], 'agent');
    expect(only(other)).toMatchObject({ title: exposed.title, count: 4 });
  });

  test('a look that failed leaves nothing behind that the next one would rest on', () => {
    const store = newStore();
    store.recordCycle(snapshot(0), [exposed], 'agent');
    const changed = { ...exposed, title: 'another title' };
    const broken = { ...finding('other'), severity: undefined as never };
    expect(() => store.recordCycle(snapshot(2), [changed, broken], 'agent')).toThrow();
    expect(only(store)?.title).toBe(exposed.title);
    store.recordCycle(snapshot(4), [changed], 'agent');
    expect(only(store)?.title).toBe('another title');
  });

  test('a look that is blinder than the last sight resolves nothing, unless the gap is another gateway’s', () => {
    const store = newStore();
    store.recordCycle(snapshot(0), [exposed], 'agent');
    store.recordCycle(snapshot(2, { blindSpots: [gap()] }), [], 'agent');
    expect(only(store)?.status).toBe('open');
    store.recordCycle(snapshot(4, { blindSpots: [gap('other')] }), [], 'agent');
    expect(only(store)?.status).toBe('resolved');
  });

  test('a look with the same gap as the last sight does resolve', () => {
    const store = newStore();
    store.recordCycle(snapshot(0, { blindSpots: [gap()] }), [exposed], 'agent');
    store.recordCycle(snapshot(2, { blindSpots: [gap()] }), [], 'agent');
    expect(only(store)?.status).toBe('resolved');
  });

  test('another ordinary user’s look resolves nothing, root’s does', () => {
    const path = places.file();
    newStore(path, 1000).recordCycle(snapshot(0), [exposed], 'scan');
    newStore(path, 1001).recordCycle(snapshot(2), [], 'scan');
    expect(only(newStore(path))?.status).toBe('open');
    newStore(path, 0).recordCycle(snapshot(4), [], 'scan');
    expect(only(newStore(path))?.status).toBe('resolved');
  });

  test('a scan leaves the agent’s findings to the agent while that is watching', () => {
    const store = newStore();
    store.recordCycle(snapshot(0), [exposed], 'agent');
    store.recordCycle(snapshot(1), [], 'scan');
    expect(only(store)?.status).toBe('open');
    store.recordCycle(snapshot(100), [], 'scan');
    expect(only(store)?.status).toBe('resolved');
  });

  test('the agent takes three looks to give up what a scan had found', () => {
    const store = newStore();
    store.recordCycle(snapshot(0), [exposed], 'scan');
    const statuses = [2, 4, 6].map((second) => {
      store.recordCycle(snapshot(second), [], 'agent');
      return only(store)?.status;
    });
    expect(statuses).toEqual(['open', 'open', 'resolved']);
  });
});
