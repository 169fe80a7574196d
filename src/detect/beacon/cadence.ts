import type { Gateway } from '../../types/gateway.ts';
import { entriesOf, isRecord, valueAt } from '../config-value.ts';

/** A rhythm that OpenClaw itself keeps. */
export interface Cadence {
  /** For the reader: `heartbeat`, `cron weather`. Raw where it holds a name. */
  name: string;
  periodMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** OpenClaw's default where the configuration says nothing; 2026.9. */
const HEARTBEAT_MS = 30 * MINUTE_MS;
/** With some sign-ins the heartbeat is hourly by default. */
const SLOW_HEARTBEAT_MS = HOUR_MS;
const ALWAYS: readonly Cadence[] = [
  { name: 'long poll of a chat channel', periodMs: 30_000 },
  { name: 'update check', periodMs: DAY_MS },
];
/** More jobs than this are not read: a configuration can hold anything. */
const MAX_JOBS = 200;
const MAX_NAME = 60;

/** Rhythms that the configurations of these gateways declare, and those that every gateway has. */
export function cadencesOf(gateways: readonly Gateway[]): Cadence[] {
  if (gateways.length === 0) return [];
  return [...ALWAYS, ...gateways.flatMap(({ config }) => [...heartbeats(config.value), ...cronJobs(config.value)])];
}

/** The rhythm that a period follows, within that share of it. */
export function lockedTo(periodMs: number, cadences: readonly Cadence[], tolerance: number): Cadence | undefined {
  return cadences.find((cadence) => Math.abs(periodMs - cadence.periodMs) <= cadence.periodMs * tolerance);
}

function heartbeats(config: unknown): Cadence[] {
  const list = valueAt(config, 'agents.list');
  const agents = Array.isArray(list) ? list.slice(0, MAX_JOBS) : [];
  const every = [
    valueAt(config, 'agents.defaults.heartbeat.every'),
    ...agents.map((a) => valueAt(a, 'heartbeat.every')),
  ]
    .map(durationMs)
    .filter((ms) => ms !== undefined);
  const periods = every.length > 0 ? every : [HEARTBEAT_MS, SLOW_HEARTBEAT_MS];
  return [...new Set(periods)].map((periodMs) => ({ name: 'heartbeat', periodMs }));
}

/** Jobs as a list, under `jobs`, or by their names. */
function cronJobs(config: unknown): Cadence[] {
  const cron = valueAt(config, 'cron');
  const under = isRecord(cron) && cron.jobs !== undefined ? cron.jobs : cron;
  const jobs: [string, unknown][] = Array.isArray(under) ? under.map((job) => ['', job]) : entriesOf(under);
  return jobs.slice(0, MAX_JOBS).flatMap(([key, job]) => {
    const periodMs = periodOf(job);
    if (periodMs === undefined) return [];
    const name = isRecord(job) && typeof job.name === 'string' ? job.name : key;
    return [{ name: `cron ${name.slice(0, MAX_NAME)}`.trim(), periodMs }];
  });
}

function periodOf(job: unknown): number | undefined {
  for (const at of [valueAt(job, 'schedule'), job]) {
    if (typeof at === 'string') return cronPeriodMs(at);
    if (!isRecord(at)) continue;
    const ms = positive(at.everyMs) ?? durationMs(at.every);
    if (ms !== undefined) return ms;
    const expression = at.expr ?? at.cron;
    if (typeof expression === 'string') return cronPeriodMs(expression);
  }
  return undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** `30m`, `1h`; a bare number is in seconds. Zero switches a heartbeat off. */
function durationMs(value: unknown): number | undefined {
  if (typeof value === 'number') return positive(value * 1000);
  if (typeof value !== 'string') return undefined;
  const [, number, unit] = /^\s*(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)\s*$/.exec(value) ?? [];
  return number === undefined ? undefined : positive(Number(number) * UNIT_MS[unit!]!);
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Period of the plain schedules; others have none that events could be held against. */
function cronPeriodMs(expression: string): number | undefined {
  const [minute, hour, ...rest] = expression.trim().split(/\s+/);
  if (minute === undefined || hour === undefined || rest.length !== 3 || rest.some((field) => field !== '*'))
    return undefined;
  const stepOf = (field: string) => positive(Number(/^\*\/(\d{1,2})$/.exec(field)?.[1]));
  if (hour === '*') {
    if (minute === '*') return MINUTE_MS;
    const step = stepOf(minute);
    if (step !== undefined) return step * MINUTE_MS;
    return /^\d{1,2}$/.test(minute) ? HOUR_MS : undefined;
  }
  if (!/^\d{1,2}$/.test(minute)) return undefined;
  const step = stepOf(hour);
  if (step !== undefined) return step * HOUR_MS;
  return /^\d{1,2}$/.test(hour) ? DAY_MS : undefined;
}
