import { isShell, readsItsProgram, withoutCarriers } from './programs.ts';

/** One simple command of a shell text. */
export interface ShellCommand {
  /** Without quotes; what a substitution would give is left out of the word. */
  words: string[];
  /** Commands inside `$(…)`, backquotes and `<(…)`, with the word in which they stand. */
  substitutions: { word: number; pipelines: ShellPipeline[] }[];
  /** Files that it writes by `>`. */
  writes: string[];
}

export type ShellPipeline = ShellCommand[];

/** A shell text can hold 128 KiB; what matters stands at its beginning, and OpenClaw's own wrapping is short. */
const MAX_TEXT = 16_384;
const MAX_DEPTH = 5;
const MAX_COMMANDS = 400;

/**
 * The pipelines of a shell text, in order, far enough to tell what is run from what is merely mentioned: quotes, escapes,
 * substitutions, pipes, redirections, comments and here-documents, which are run only where a shell reads them. Keywords
 * stay words. It never fails and never reads a character twice,
 * so a hostile text costs what its length costs; what it does not understand it takes as a word.
 */
export function parseShell(text: string): ShellPipeline[] {
  const reader: Reader = { text: text.slice(0, MAX_TEXT), at: 0, left: MAX_COMMANDS, delimiters: [] };
  return readPipelines(reader, '', 0);
}

interface Reader {
  text: string;
  at: number;
  /** Commands that may still be made. */
  left: number;
  /** Last lines of the here-documents that begin with the next line. */
  delimiters: string[];
}

/** Reads up to `end`, which is taken too; the empty string for all that is left. */
function readPipelines(reader: Reader, end: '' | ')' | '`', depth: number): ShellPipeline[] {
  const pipelines: ShellPipeline[] = [];
  /** Where the pipelines of the open groups begin. */
  const groups: number[] = [];
  let pipeline: ShellPipeline = [];
  let state = newCommand();
  const endCommand = () => {
    endWord(state);
    if (state.command.words.length > 0 || state.command.substitutions.length > 0) pipeline.push(state.command);
    state = newCommand();
    reader.left -= 1;
  };
  const endPipeline = () => {
    endCommand();
    if (pipeline.length > 0) pipelines.push(pipeline);
    pipeline = [];
  };
  const { text } = reader;
  while (reader.at < text.length && reader.left > 0) {
    const character = text[reader.at]!;
    if (character === end) {
      reader.at += 1;
      break;
    }
    if (character === '|' && text[reader.at + 1] !== '|') {
      reader.at += text[reader.at + 1] === '&' ? 2 : 1;
      endCommand();
    } else if (character === '&' && /[>\d]/.test(text[reader.at - 1] ?? '') && state.redirects) {
      reader.at += 1;
      state.text += '&';
    } else if (character === '&' && text[reader.at + 1] === '>') {
      reader.at += 1;
    } else if (/[({]/.test(character) && !state.hasText) {
      reader.at += 1;
      // Behind a pipe a group is one more part of it.
      if (pipeline.length === 0) groups.push(pipelines.length);
    } else if (/[)}]/.test(character) && !(character === '}' && state.hasText)) {
      reader.at += 1;
      endPipeline();
      const from = groups.pop() ?? pipelines.length;
      if (isPipeAt(reader)) pipeline = pipelines.splice(from).flat();
    } else if (/[;&|\n]/.test(character)) {
      reader.at += 1;
      endPipeline();
      if (character !== '\n') continue;
      for (const body of takeDocuments(reader)) pipelines.push(...runBy(pipelines.at(-1), body, depth));
    } else readPart(reader, state, depth);
  }
  endPipeline();
  return pipelines;
}

function isPipeAt({ text, at }: Reader): boolean {
  const pipe = /[ \t]{0,32}\|(?!\|)/y;
  pipe.lastIndex = at;
  return pipe.test(text);
}

/** Takes the here-documents that begin here out of the text. */
function takeDocuments(reader: Reader): string[] {
  return reader.delimiters.splice(0).map((delimiter) => {
    const from = reader.at;
    let line = from;
    while (line < reader.text.length) {
      const newline = reader.text.indexOf('\n', line);
      const end = newline < 0 ? reader.text.length : newline;
      reader.at = end + 1;
      if (reader.text.slice(line, end).replace(/^\t+/, '') === delimiter) break;
      line = end + 1;
    }
    return reader.text.slice(from, line);
  });
}

function runBy(pipeline: ShellPipeline | undefined, body: string, depth: number): ShellPipeline[] {
  const words = withoutCarriers(pipeline?.at(-1)?.words ?? []);
  if (depth >= MAX_DEPTH || !isShell(words[0] ?? '') || !readsItsProgram(words)) return [];
  return readPipelines({ text: body, at: 0, left: MAX_COMMANDS, delimiters: [] }, '', depth + 1);
}

interface CommandState {
  command: ShellCommand;
  text: string;
  hasText: boolean;
  /** The next word is the file of a redirection; `write` when it is written. */
  redirects?: 'read' | 'write';
}

function newCommand(): CommandState {
  return { command: { words: [], substitutions: [], writes: [] }, text: '', hasText: false };
}

function endWord(state: CommandState): void {
  if (!state.hasText) return;
  if (state.redirects === 'write' && !state.text.startsWith('&')) state.command.writes.push(state.text);
  else if (state.redirects === undefined) state.command.words.push(state.text);
  state.text = '';
  state.hasText = false;
  delete state.redirects;
}

/** Reads one quoted piece, substitution, redirection, space or plain character. */
function readPart(reader: Reader, state: CommandState, depth: number): void {
  const { text } = reader;
  const character = text[reader.at]!;
  const following = text[reader.at + 1];
  if (character === ' ' || character === '\t' || character === '\r') {
    reader.at += 1;
    endWord(state);
  } else if (character === '#' && !state.hasText) {
    const line = text.indexOf('\n', reader.at);
    reader.at = line < 0 ? text.length : line;
  } else if (character === "'") readSingleQuoted(reader, state);
  else if (character === '"') readDoubleQuoted(reader, state, depth);
  else if (character === '`' || (/[$<>]/.test(character) && following === '(')) substitute(reader, state, depth);
  else if (character === '<' || character === '>') readRedirection(reader, state, character);
  else {
    reader.at += character === '\\' ? 2 : 1;
    state.hasText = true;
    if (character !== '\\') state.text += character;
    else if (following !== '\n') state.text += following ?? '';
  }
}

function readSingleQuoted(reader: Reader, state: CommandState): void {
  const close = reader.text.indexOf("'", reader.at + 1);
  const end = close < 0 ? reader.text.length : close;
  state.text += reader.text.slice(reader.at + 1, end);
  state.hasText = true;
  reader.at = end + 1;
}

function readDoubleQuoted(reader: Reader, state: CommandState, depth: number): void {
  const { text } = reader;
  reader.at += 1;
  state.hasText = true;
  while (reader.at < text.length && text[reader.at] !== '"') {
    const character = text[reader.at]!;
    if (character === '`' || (character === '$' && text[reader.at + 1] === '(')) substitute(reader, state, depth);
    else {
      const isEscape = character === '\\';
      state.text += isEscape ? (text[reader.at + 1] ?? '') : character;
      reader.at += isEscape ? 2 : 1;
    }
  }
  reader.at += 1;
}

function substitute(reader: Reader, state: CommandState, depth: number): void {
  const isTick = reader.text[reader.at] === '`';
  reader.at += isTick ? 1 : 2;
  // Deeper than any honest text: the rest of it is skipped character by character, as words.
  if (depth >= MAX_DEPTH) return;
  const word = state.command.words.length;
  const pipelines = readPipelines(reader, isTick ? '`' : ')', depth + 1);
  state.command.substitutions.push({ word, pipelines });
  state.hasText = true;
}

function readRedirection(reader: Reader, state: CommandState, character: '<' | '>'): void {
  // The digit before it is a descriptor, and no word.
  if (/^\d$/.test(state.text)) [state.text, state.hasText] = ['', false];
  endWord(state);
  const from = reader.at;
  while (reader.text[reader.at] === character) reader.at += 1;
  if (character === '<' && reader.at - from === 2) {
    const delimiter = /-?[ \t]{0,8}(['"]?)([\w.-]{1,80})\1/y;
    delimiter.lastIndex = reader.at;
    const found = delimiter.exec(reader.text);
    if (found !== null) {
      reader.at = delimiter.lastIndex;
      reader.delimiters.push(found[2]!);
      return;
    }
  }
  if (reader.text[reader.at] === '|') reader.at += 1;
  state.redirects = character === '>' ? 'write' : 'read';
}
