import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running stand-in, ready for orders. */
export interface StandIn {
  /** As its own process numbers have it. */
  pid: number;
  startTicks: number;
  argv: readonly string[];
  comm: string;
  /** Resolves with its answer. @throws Error with its words when it cannot. */
  order(word: string, details?: object): Promise<Record<string, unknown>>;
}

/** Where stand-ins report and wait for orders. */
export interface StandIns {
  /** Path of the socket. */
  socket: string;
  /** Environment with which a copy of Python becomes the stand-in that will report with this token. */
  environmentOf(birth: { token: string; argv: readonly string[]; comm: string }): Record<string, string>;
  newToken(): string;
  /** The stand-in with this token, when it has reported. */
  arrival(token: string, known: { argv: readonly string[]; comm: string }): Promise<StandIn>;
  /** Ends all of them. */
  close(): void;
}

const ANSWER_MS = 30_000;

/** @param folder the same path inside and outside the machine of the case, and passable for all its users. */
export async function createStandIns(folder: string): Promise<StandIns> {
  const socket = join(folder, 'orders');
  const waiting = new Map<string, (link: Link) => void>();
  const links = new Set<Socket>();
  let tokens = 0;
  const server = createServer((connection) => {
    links.add(connection);
    connection.on('error', () => connection.destroy());
    hear(connection, (token, link) => {
      waiting.get(token)?.(link);
      waiting.delete(token);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  chmodSync(socket, 0o666);
  return {
    socket,
    newToken: () => `stand-in ${++tokens}`,
    environmentOf: ({ token, argv, comm }) => ({ STAND_IN: JSON.stringify({ token, argv, comm, socket }) }),
    arrival: (token, { argv, comm }) =>
      within(`"${argv.join(' ').slice(0, 60)}" did not start`, (resolve) => {
        waiting.set(token, ({ pid, startTicks, order }) => resolve({ pid, startTicks, argv, comm, order }));
      }),
    close() {
      for (const link of links) link.destroy();
      server.close();
    },
  };
}

interface Link extends Pick<StandIn, 'pid' | 'startTicks' | 'order'> {}

interface Answer {
  id?: number;
  ok?: Record<string, unknown>;
  error?: string;
  hello?: string;
  pid?: number;
  startTicks?: number;
}

function hear(connection: Socket, arrived: (token: string, link: Link) => void): void {
  const pending = new Map<number, (answer: Answer) => void>();
  let orders = 0;
  const order: StandIn['order'] = async (word, details = {}) => {
    const id = ++orders;
    const answer = await within<Answer>(`no answer to ${word}`, (resolve) => {
      pending.set(id, resolve);
      connection.write(`${JSON.stringify({ id, do: word, ...details })}\n`);
    });
    if (answer.error !== undefined) throw new Error(`${word}: ${answer.error}`);
    return answer.ok ?? {};
  };
  createInterface({ input: connection }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    if (answer.hello !== undefined) arrived(answer.hello, { pid: answer.pid!, startTicks: answer.startTicks!, order });
    else pending.get(answer.id!)?.(answer);
    pending.delete(answer.id ?? 0);
  });
  connection.on('close', () => {
    for (const tell of pending.values()) tell({ error: 'it has ended' });
    pending.clear();
  });
}

function within<Value>(what: string, work: (resolve: (value: Value) => void) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    work((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
