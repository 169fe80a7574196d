/** Where one field of an event lies, from the start of the event's own bytes. */
export interface Field {
  offset: number;
  size: number;
  /** The field is a 32-bit word that says where the text lies: offset in its low half, length in its high half. */
  isTextLocation: boolean;
}

/** The layout of one kind of event, as `events/<system>/<name>/format` tells it. */
export interface EventFormat {
  /** Number that the events of this kind carry in `common_type`. */
  id: number;
  fields: ReadonlyMap<string, Field>;
}

/** How a page of the ring buffer is laid out: `events/header_page` and `events/header_event`. */
export interface PageLayout {
  timestampOffset: number;
  commitOffset: number;
  /** Bytes of the kernel's `long`: 8 or 4. */
  longSize: number;
  dataOffset: number;
  dataSize: number;
  /** Values of `type_len`: see `page.ts`. */
  padding: number;
  timeExtend: number;
  timeStamp: number;
  maxShortLength: number;
}

// The largest real file has some 60 fields and 5 KB; a page of the kernel is 64 KB at most.
const MAX_FIELDS = 256;
const MAX_TEXT = 256 * 1024;
const MAX_OFFSET = 64 * 1024;

const FIELD = /^\s*field:([^;]{1,256});\s*offset:(\d{1,6});\s*size:(\d{1,6});/;

/**
 * Reads the text of a `format` file. `undefined` when it is none: a layout that is only half understood would make events of
 * other bytes.
 */
export function parseEventFormat(text: string): EventFormat | undefined {
  const id = /^ID: (\d{1,5})$/m.exec(text.slice(0, MAX_TEXT))?.[1];
  const fields = parseFields(text);
  if (id === undefined || fields === undefined || fields.size === 0) return undefined;
  return { id: Number(id), fields };
}

/** Reads `events/header_page` and `events/header_event`; `undefined` when a part is missing or makes no sense. */
export function parsePageLayout(headerPage: string, headerEvent: string): PageLayout | undefined {
  const fields = parseFields(headerPage);
  const timestamp = fields?.get('timestamp');
  const commit = fields?.get('commit');
  const data = fields?.get('data');
  const word = (pattern: RegExp) => {
    const found = pattern.exec(headerEvent.slice(0, MAX_TEXT))?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const padding = word(/^\s*padding\s*: type == (\d{1,2})$/m);
  const timeExtend = word(/^\s*time_extend\s*: type == (\d{1,2})$/m);
  const timeStamp = word(/^\s*time_stamp\s*: type == (\d{1,2})$/m);
  const maxShortLength = word(/^\s*data max type_len\s*== (\d{1,2})$/m);
  const bits = [word(/^\s*type_len\s*:\s*(\d{1,2}) bits$/m), word(/^\s*time_delta\s*:\s*(\d{1,2}) bits$/m)];
  if (!timestamp || !commit || !data || timestamp.size !== 8 || (commit.size !== 8 && commit.size !== 4))
    return undefined;
  if (padding === undefined || timeExtend === undefined || timeStamp === undefined || maxShortLength === undefined) {
    return undefined;
  }
  // The header's first word is taken apart with these widths; another kernel that changed them must be refused.
  if (bits[0] !== 5 || bits[1] !== 27 || data.size < 64 || data.offset < 8) return undefined;
  return {
    timestampOffset: timestamp.offset,
    commitOffset: commit.offset,
    longSize: commit.size,
    dataOffset: data.offset,
    dataSize: data.size,
    padding,
    timeExtend,
    timeStamp,
    maxShortLength,
  };
}

function parseFields(text: string): Map<string, Field> | undefined {
  const fields = new Map<string, Field>();
  for (const line of text.slice(0, MAX_TEXT).split('\n')) {
    const match = FIELD.exec(line);
    if (!match) continue;
    const [, declaration, offset, size] = match as unknown as [string, string, string, string];
    const name = /([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?$/.exec(declaration.trim())?.[1];
    const field = {
      offset: Number(offset),
      size: Number(size),
      isTextLocation: declaration.startsWith('__data_loc '),
    };
    if (name === undefined || field.offset + field.size > MAX_OFFSET || fields.size >= MAX_FIELDS) return undefined;
    fields.set(name, field);
  }
  return fields;
}
