import { outputFiles, urlsIn } from './command-urls.ts';
import {
  baseName,
  commandString,
  isDecoder,
  isDownloader,
  isInterpreter,
  readsItsProgram,
  withoutCarriers,
} from './programs.ts';
import { parseShell, type ShellCommand, type ShellPipeline } from './shell-text.ts';

/** Something that is fetched or decoded, and then run, within one command line. */
export interface DownloadExecute {
  /** How, as words for the reader. */
  how: string;
  /** What is fetched, as far as it is spelled out. */
  urls: URL[];
  /** It passes through a decoder, so that nobody could have read it before. */
  isDecoded: boolean;
}

const MAX_DEPTH = 4;
/** Longest `-c` text of an interpreter that is searched. */
const MAX_TEXT = 16_384;

/** What a command line fetches and runs. Text that is only mentioned, quoted or searched for is none of it. */
export function downloadExecutes(words: readonly string[], depth = 0): DownloadExecute[] {
  if (depth > MAX_DEPTH) return [];
  const command = withoutCarriers(words);
  const text = commandString(command);
  if (text === undefined) return [];
  const name = baseName(command[0] ?? '').toLowerCase();
  if (/^(?:pwsh|powershell)$/.test(name)) return powershell(text);
  if (!/sh$|^busybox$/.test(name)) return scripted(text, name);
  return inText(text, depth);
}

function inText(text: string, depth: number): DownloadExecute[] {
  const pipelines = parseShell(text);
  return [...pipelines.flatMap((pipeline) => inPipeline(pipeline, depth)), ...savedAndRun(pipelines)];
}

/** `curl -o x URL; chmod +x x; ./x`: saved by one command of a text and run by a later one. */
function savedAndRun(pipelines: readonly ShellPipeline[]): DownloadExecute[] {
  const saved = new Map<string, URL[]>();
  const found: DownloadExecute[] = [];
  for (const { words: all, writes } of pipelines.flat()) {
    const words = withoutCarriers(all);
    const name = words[0] ?? '';
    if (isDownloader(name)) {
      const urls = urlsIn(words);
      for (const file of [...outputFiles(words), ...writes, ...urls.map(({ pathname }) => pathname)]) {
        if (baseName(file) !== '') saved.set(baseName(file), urls);
      }
      continue;
    }
    const script = isInterpreter(name) ? words.slice(1).find((word) => !word.startsWith('-')) : undefined;
    // A plain word is looked for on PATH and not here.
    const file = script ?? (name.includes('/') ? name : name === '.' || name === 'source' ? words[1] : undefined);
    const urls = file === undefined ? undefined : saved.get(baseName(file));
    if (urls !== undefined) found.push({ how: 'saved to a file that is run', urls, isDecoded: false });
  }
  return found;
}

function inPipeline(pipeline: ShellPipeline, depth: number): DownloadExecute[] {
  const found = pipeline.flatMap((command) => inCommand(command, depth));
  for (const [index, command] of pipeline.entries()) {
    const words = withoutCarriers(command.words);
    if (index === 0 || !readsItsProgram(words)) continue;
    const source = sourceOf(pipeline.slice(0, index));
    if (source !== undefined) found.push({ ...source, how: `piped into ${baseName(words[0]!)}` });
  }
  return found;
}

function inCommand(command: ShellCommand, depth: number): DownloadExecute[] {
  const words = withoutCarriers(command.words);
  const skipped = command.words.length - words.length;
  const found: DownloadExecute[] = [];
  for (const { word, pipelines } of command.substitutions) {
    for (const pipeline of pipelines) {
      // What is inside runs too.
      found.push(...inPipeline(pipeline, depth));
      const source = runsSubstitution(words, word - skipped) ? sourceOf(pipeline) : undefined;
      if (source === undefined) continue;
      found.push({ ...source, how: `its output is run by ${baseName(words[0] ?? '') || 'the shell'}` });
    }
  }
  // `eval 'text'` and `bash -c 'text'`.
  if (words[0] === 'eval') {
    const text = words.slice(1).join(' ');
    if (depth < MAX_DEPTH) found.push(...inText(text, depth + 1));
  } else found.push(...downloadExecutes(words, depth + 1));
  return found;
}

/** Whether what a substitution gives at this word is run: as a command, by `eval` or `.`, as a script, after `-c`. */
function runsSubstitution(words: readonly string[], word: number): boolean {
  const name = words[0] ?? '';
  // Before the command stand assignments, and at its place stands what is run.
  if (word <= 0) return word === 0 && !/^[A-Za-z_]\w*=/.test(name);
  if (name === 'eval' || name === '.' || name === 'source') return true;
  if (!isInterpreter(name)) return false;
  const before = words.slice(1, word);
  return before.every((option) => option.startsWith('-')) && !before.includes('-m');
}

/** What a pipeline has from a downloader or a decoder, also where `echo "$(curl …)"` passes it on. */
function sourceOf(pipeline: ShellPipeline): Omit<DownloadExecute, 'how'> | undefined {
  const all = pipeline.map(({ words }) => withoutCarriers(words));
  const downloads = all.filter(([name = '']) => isDownloader(name));
  const passed = pipeline
    .flatMap(({ substitutions }) => substitutions.flatMap(({ pipelines }) => pipelines.map(sourceOf)))
    .filter((source) => source !== undefined);
  const isDecoded = all.some(isDecoder) || passed.some((source) => source.isDecoded);
  if (downloads.length === 0 && passed.length === 0 && !isDecoded) return undefined;
  return { urls: [...downloads.flatMap(urlsIn), ...passed.flatMap(({ urls }) => urls)].slice(0, 16), isDecoded };
}

/** `iex (iwr …)` and `iwr … | iex`, in any case and spelling of the two. */
function powershell(text: string): DownloadExecute[] {
  const cut = text.slice(0, MAX_TEXT);
  const fetches = /\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring|curl|wget)\b/i.test(cut);
  if (!fetches || !/\b(?:iex|invoke-expression)\b/i.test(cut)) return [];
  return [{ how: 'run by Invoke-Expression', urls: literalUrls(cut), isDecoded: /frombase64string/i.test(cut) }];
}

/** One-liners of Python, Node, Perl and Ruby that fetch and run, or that hand such a line to a shell. */
function scripted(text: string, name: string): DownloadExecute[] {
  const cut = text.slice(0, MAX_TEXT);
  const urls = literalUrls(cut);
  const runs = /\b(?:exec|eval|Function|instance_eval|system|popen|execSync|child_process)\b/.test(cut);
  const fetches =
    /\b(?:urlopen|urlretrieve|requests\.get|httpx\.get|fetch|https?\.get|LWP::Simple|open-uri|Net::HTTP)\b/;
  const isDecoded = /\b(?:b64decode|atob|decode_base64|decode64)\b|['"]base64['"]/.test(cut);
  if (runs && fetches.test(cut)) return [{ how: `fetched and run by ${name}`, urls, isDecoded }];
  if (runs && isDecoded) return [{ how: `decoded and run by ${name}`, urls, isDecoded: true }];
  const shellLine = /\b(?:curl|wget)\b[^|'"]{0,500}\|\s{0,8}(?:sudo\s{1,4})?(?:ba|da|z)?sh\b/.test(cut);
  return runs && shellLine ? [{ how: `piped into a shell by ${name}`, urls, isDecoded }] : [];
}

function literalUrls(text: string): URL[] {
  const found = text.match(/https?:\/\/[^\s'"`)<>|;\\]{1,2000}/g) ?? [];
  return found.slice(0, 16).flatMap((word) => urlsIn(['curl', word]));
}
