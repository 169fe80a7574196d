import type { SecretFact } from '../types/gateway.ts';

// openclaw.json is written by people, agents and skills: nothing about its shape is taken for granted.

/** The value at a path of keys; `undefined` when any step is missing or no object. */
export function valueAt(root: unknown, ...path: string[]): unknown {
  let value = root;
  for (const key of path) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string with something in it, without the blanks around it. */
export function textAt(root: unknown, ...path: string[]): string | undefined {
  const value = valueAt(root, ...path);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The strings of a list; other members are left out. */
export function textsAt(root: unknown, ...path: string[]): string[] {
  const value = valueAt(root, ...path);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** A port number, also when it was written as text. */
export function portAt(root: unknown, ...path: string[]): number | undefined {
  return toPort(valueAt(root, ...path));
}

/** 1 to 65535, from a number or decimal digits. */
export function toPort(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value.trim()) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}

/** The facts of a secret as the collector left them in its place. */
export function secretAt(root: unknown, ...path: string[]): SecretFact | undefined {
  const secret = valueAt(root, ...path, '$secret');
  return isRecord(secret) && typeof secret.given === 'string' ? (secret as unknown as SecretFact) : undefined;
}
