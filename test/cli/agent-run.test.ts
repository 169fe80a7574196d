import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../src/types/error.ts';
import {
  aBlindSpot,
  aFinding,
  anExposedSnapshot,
  aSnapshot,
  aStore,
  asRecord,
  clawwatch,
  NOW,
  type World,
} from './world.ts';

let directory: string;
let database: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'clawwatch-agent-'));
  database = join(directory, 'c.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

async function agent(world: World, cycles: number) {
  const argv = ['agent', 'run', '--json', '--interval', '250ms', '--max-cycles', String(cycles), '--db', database];
  const ran = await clawwatch(argv, world);
  const lines = ran.out.split('\n').filter((line) => line !== '');
  return {
    ...ran,
    events: lines.map((line) => JSON.parse(line) as { event: string; ruleId?: string; schemaVersion: number }),
  };
}

const exposed = { snapshot: anExposedSnapshot({ blindSpots: [] }), findings: [aFinding()] };
const clean = { snapshot: aSnapshot(), findings: [] };
const blind = { snapshot: aSnapshot({ blindSpots: [aBlindSpot({ socketsMissing: true })] }), findings: [] };

describe('agent run', () => {
  test('says what begins and what ends, once each, and ends with 0', async () => {
    const { events, code } = await agent({ looks: [exposed, exposed, clean, exposed] }, 4);
    expect(events.map(({ event }) => event)).toEqual(['started', 'watching', 'finding', 'ended', 'finding', 'stopped']);
    expect(events.every(({ schemaVersion }) => schemaVersion === 1)).toBe(true);
    expect(code).toBe(0);
  });

  test('does not say that something ended when it could not be seen', async () => {
    const { events } = await agent({ looks: [exposed, blind, exposed] }, 3);
    expect(events.map(({ event }) => event)).toEqual(['started', 'watching', 'finding', 'stopped']);
  });

  test('says muted and not ended of what somebody suppressed', async () => {
    let looks = 0;
    const store = aStore({
      recordCycle: (_snapshot, findings) => ({
        cycleId: ++looks,
        findings: findings.map((finding) => asRecord(finding, NOW, { status: looks > 1 ? 'suppressed' : 'open' })),
      }),
    });
    const { events } = await agent({ ...exposed, store }, 3);
    expect(events.map(({ event }) => event)).toEqual(['started', 'watching', 'finding', 'muted', 'stopped']);
  });

  test('says so once when it cannot record, goes on watching, and reports findings all the same', async () => {
    const store = aStore({
      recordCycle: () => {
        throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
      },
    });
    const { events, err, code } = await agent({ ...exposed, store }, 3);
    expect(events.map(({ event }) => event)).toContain('finding');
    expect(err.match(/still watching/g)).toHaveLength(1);
    // Three looks were a trial, and nothing of it is on record.
    expect(code).toBe(4);
  });

  test('does not start where the record is not to be trusted', async () => {
    const store = () => {
      throw new UserError('will not keep the record here', { hint: 'elsewhere', exitCode: 2 });
    };
    expect(await agent({ store }, 1).then(({ code }) => code)).toBe(2);
    expect(existsSync(`${database}.lock`)).toBe(false);
  });

  test('is refused while another one runs on the same database, and names its pid', async () => {
    writeFileSync(`${database}.lock`, JSON.stringify({ pid: process.pid, startTicks: 0, startedAt: 1 }));
    const { code, err, started } = await agent({}, 1);
    expect(code).toBe(2);
    expect(err).toContain(`pid ${process.pid}`);
    expect(started).toEqual([]);
  });

  test('survives looks that throw', async () => {
    const { events, code, err } = await agent({ failure: new Error('EMFILE') }, 2);
    expect(events.at(-1)).toMatchObject({ event: 'stopped', cycles: 2, failed: 2 });
    expect(err).toContain('EMFILE');
    expect(code).toBe(4);
  });

  test('ends with 0 when it was told to stop, whatever came before', async () => {
    const stop = new AbortController();
    const store = aStore({
      recordCycle: () => {
        stop.abort();
        throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
      },
    });
    const { code, err } = await clawwatch(['agent', 'run', '--db', database], { ...exposed, store, stop: stop.signal });
    expect(err).toContain('still watching');
    expect(code).toBe(0);
  });

  test.each(['0', '-1', 'many', '1.5'])('--max-cycles %s is a usage error', async (cycles) => {
    const { code } = await clawwatch(['agent', 'run', '--max-cycles', cycles, '--db', database]);
    expect(code).toBe(2);
  });
});
