/**
 * A scripted language model: an OpenAI-compatible server, streaming or not. A user message that holds `DO:` and a JSON
 * object `{"name":"exec","args":{…}}`, or a list of them, is answered with these tool calls; anything else with "done".
 * Run as a program (`node fake-model.ts ADDRESS PORT`) inside a namespace of the lab.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

interface Message {
  role?: string;
  content?: string | { text?: string }[];
}

interface Call {
  name: string;
  args: object;
}

/** The tool calls that the newest user message asks for; none once the model or a tool has answered it. */
export function scriptedCalls(messages: readonly Message[]): Call[] {
  const answered = messages.findLastIndex((message) => message.role === 'assistant' || message.role === 'tool');
  const script = messages
    .slice(answered + 1)
    .filter((message) => message.role === 'user')
    .map(textOf)
    .findLast((text) => text.includes('DO:'));
  if (script === undefined) return [];
  const json = script.slice(script.lastIndexOf('DO:') + 3);
  // OpenClaw may append lines of its own: the script is the longest prefix that parses.
  for (
    let end = json.length;
    end > 0;
    end = Math.max(json.lastIndexOf('}', end - 2), json.lastIndexOf(']', end - 2)) + 1
  ) {
    try {
      const parsed = JSON.parse(json.slice(0, end)) as Call | Call[];
      return Array.isArray(parsed) ? parsed : [parsed];
    } catch {
      // Not yet.
    }
  }
  return [];
}

function textOf(message: Message): string {
  return typeof message.content === 'string'
    ? message.content
    : (message.content ?? []).map((part) => part.text ?? '').join(' ');
}

let serial = 0;

function answer(request: { model?: string; stream?: boolean; messages?: Message[] }, response: ServerResponse): void {
  const calls = scriptedCalls(request.messages ?? []);
  const id = `chatcmpl-${++serial}`;
  const reason = calls.length > 0 ? 'tool_calls' : 'stop';
  const message =
    calls.length > 0
      ? {
          role: 'assistant',
          content: null,
          tool_calls: calls.map((call, index) => ({
            index,
            id: `call_${serial}_${index}`,
            type: 'function',
            function: { name: call.name, arguments: JSON.stringify(call.args) },
          })),
        }
      : { role: 'assistant', content: 'done' };
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const base = { id, model: request.model, created: Math.floor(Date.now() / 1000) };
  if (!request.stream) {
    response.setHeader('content-type', 'application/json');
    const choices = [{ index: 0, message, finish_reason: reason }];
    response.end(JSON.stringify({ ...base, object: 'chat.completion', choices, usage }));
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const chunk = (delta: object, finish: string | null, more: object = {}) =>
    response.write(
      `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`,
    );
  chunk(message, null);
  chunk({}, reason, { usage });
  response.end('data: [DONE]\n\n');
}

/** Answers a request as the model would; other servers of the lab hand theirs over. */
export async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  if (request.method === 'POST') answer(JSON.parse(body) as Parameters<typeof answer>[0], response);
  else response.end('lab\n');
}

if (process.argv[1] === import.meta.filename) {
  const [address, port] = process.argv.slice(2);
  createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  }).listen(Number(port), address, () => process.stdout.write('listening\n'));
}
