import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { UserError } from '../types/error.ts';
import { canonicalAddress, classifyAddress } from '../types/ip.ts';
import { nextOf, refusedStatus, urlOfSource } from './download-rules.ts';

/** What a server may cost us. The person gave its address; what answers there may be anything. */
export interface DownloadLimits {
  /** Of the body, ours to hold in memory. */
  bytes: number;
  /** For everything together, name look-up and redirects included: a server that drips a byte a second ends too. */
  timeoutMs: number;
}

export interface DownloadOptions extends DownloadLimits {
  /** True for the media types of the body that are taken. */
  takes(mediaType: string): boolean;
  /** Addresses of a host name. */
  resolve?: Resolve;
  /** Certificates (PEM) that are trusted beside those of the system. */
  ca?: string;
}

export type Resolve = (host: string) => Promise<Place[]>;
export interface Place {
  address: string;
  family: number;
}

const MAX_REDIRECTS = 3;

/**
 * The only traffic that `src/intel` ever causes: to the address that a person gave for a list, never to anything in it.
 *
 * The host is resolved once and every request goes to that address, so that a name cannot lead to another place the
 * second time. Redirects stay at the same scheme, host and port. Nothing is unpacked: a few kilobytes of gzip can be
 * gigabytes, so a packed answer is refused.
 *
 * @throws UserError with what happened and what to do.
 */
export async function download(source: string, options: DownloadOptions): Promise<Buffer> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  let url = urlOfSource(source);
  try {
    const places = await placesOf(url, options.resolve ?? resolveAll, signal);
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(url, places, options, signal);
      if (answer.body !== undefined) return answer.body;
      if (redirects === MAX_REDIRECTS) {
        throw new UserError(`${url.host} redirects more than ${MAX_REDIRECTS} times`, {
          hint: 'give the address at which it ends',
        });
      }
      url = nextOf(url, answer.location);
    }
  } catch (error) {
    throw error instanceof UserError ? error : sentenceOf(error as NodeJS.ErrnoException, url, signal, options);
  }
}

const resolveAll: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' });

/** Where the host is, from the same family of places throughout: plain HTTP never leaves this host. */
async function placesOf(url: URL, resolve: Resolve, signal: AbortSignal): Promise<Place[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = canonicalAddress(host);
  const places =
    literal === undefined
      ? await untilAborted(resolve(host), signal)
      : [{ address: literal, family: literal.includes(':') ? 6 : 4 }];
  if (places.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  for (const { address } of places) {
    const kind = classifyAddress(address);
    if (url.protocol === 'http:' && kind !== 'loopback') {
      throw new UserError(`${url.host} is not on this host, and plain http can be changed on its way`, {
        hint: 'give an https address',
      });
    }
    if (['metadata', 'unspecified', 'multicast', 'invalid'].includes(kind)) {
      throw new UserError(`${url.host} leads to ${address}, where no list is published`, {
        hint: 'check the address, and what your name server says of it',
      });
    }
  }
  return places;
}

type Answer = { body: Buffer; location?: undefined } | { body?: undefined; location: string };

function ask(url: URL, places: readonly Place[], options: DownloadOptions, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      agent: false,
      signal,
      headers: {
        accept: 'application/json, text/plain;q=0.5',
        'accept-encoding': 'identity',
        'user-agent': 'ClawWatch',
      },
      // Not asked for an address, which Node takes as it stands.
      lookup: (_host, { all }, told) =>
        all ? told(null, [...places]) : told(null, places[0]!.address, places[0]!.family),
      ...(options.ca !== undefined && { ca: options.ca }),
    });
    const end = (error: unknown) => {
      request.destroy();
      reject(error);
    };
    request.on('error', reject);
    request.on('response', (response) => {
      const { statusCode = 0, headers } = response;
      response.on('error', end);
      if ([301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined) {
        request.destroy();
        return resolve({ location: headers.location });
      }
      const refused = statusCode === 200 ? refusedHeaders(url, headers, options) : refusedStatus(url, statusCode);
      if (refused) return end(refused);
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > options.bytes) end(tooLarge(url, options.bytes));
        else parts.push(part);
      });
      response.on('close', () => {
        if (response.complete) resolve({ body: Buffer.concat(parts) });
        else end(Object.assign(new Error('cut off'), { code: 'CUT_OFF' }));
      });
    });
    request.end();
  });
}

function refusedHeaders(url: URL, headers: http.IncomingHttpHeaders, options: DownloadOptions): UserError | undefined {
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (!options.takes(type)) {
    const what = type === '' ? 'does not say what it sends' : `sends ${type.slice(0, 80)}`;
    return new UserError(`${url.host} ${what}, and JSON is expected`, {
      hint: 'give the address of the file itself (“raw”), not of the page that shows it',
    });
  }
  const packed = headers['content-encoding'];
  if (packed !== undefined && packed !== 'identity') {
    return new UserError(`${url.host} sends it packed (${packed.slice(0, 40)}), which is not unpacked here`, {
      hint: 'download and unpack it yourself, and give the file: clawwatch intel update --from <file>',
    });
  }
  return Number(headers['content-length'] ?? 0) > options.bytes ? tooLarge(url, options.bytes) : undefined;
}

function tooLarge(url: URL, bytes: number): UserError {
  const limit = bytes < 1024 * 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024 / 1024)} MiB`;
  return new UserError(`${url.host} sends more than ${limit}`, { hint: 'give the address of a smaller list' });
}

/** Trouble on the way in words; the words of the error itself are the server's in part. */
function sentenceOf(
  error: NodeJS.ErrnoException,
  url: URL,
  signal: AbortSignal,
  { timeoutMs }: DownloadLimits,
): UserError {
  const told = (message: string, hint: string) => new UserError(`${url.host} ${message}`, { hint, cause: error });
  if (signal.aborted) {
    return told(`did not send it all within ${timeoutMs / 1000} s`, 'try again later, or with a longer --timeout');
  }
  const code = error.code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return told('cannot be found', 'check the address and the network');
  if (code === 'CUT_OFF' || code === 'ECONNRESET') {
    return told('ended the connection before all was sent', 'try again; what was sent is not used');
  }
  if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER|ALTNAME|VERIFY/.test(code)) {
    return told(`shows no certificate that is trusted (${code})`, 'for a server of your own, give its CA: --ca <file>');
  }
  return told(`does not answer (${code || 'error'})`, 'check the address and the network');
}

function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
