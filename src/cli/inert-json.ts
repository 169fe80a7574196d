/** The version of every JSON answer; docs/json.md lists the fields. A field may be added without a new version. */
export const SCHEMA_VERSION = 1;

/**
 * JSON in plain ASCII. `JSON.stringify` leaves C1 controls, bidi marks and zero-width characters as they are, and a
 * person who reads JSON in a terminal would be fooled by them; as `\u` escapes they mean the same and draw nothing.
 */
export function inertJson(value: object, indent: number | undefined = 2): string {
  const text = JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...value }, limitText, indent);
  return `${text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** The same on one line, for answers that come one after another. */
export function inertJsonLine(value: object): string {
  return inertJson(value, 0);
}

// Longer than any honest path or command line; a process can give itself 2 MiB of arguments.
const LONGEST_TEXT = 8192;

function limitText(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
}
