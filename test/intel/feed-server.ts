import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

export const CERTIFICATE = 'test/fixtures/tls/server.pem';

export interface FeedServer {
  /** Without a slash at the end. */
  origin: string;
  /** Paths that were asked for since the last `forget`. */
  asked: string[];
  /** What answers a path; others get 404. */
  answer: Record<string, http.RequestListener>;
  forget(): void;
}

/** A real receiver on loopback, on a port of its own, for the tests of a file. */
export function useFeedServer(scheme: 'http' | 'https' = 'http'): FeedServer {
  const feed: FeedServer = {
    origin: '',
    asked: [],
    answer: {},
    forget() {
      feed.asked = [];
      feed.answer = {};
    },
  };
  const listener: http.RequestListener = (request, response) => {
    const path = request.url ?? '/';
    feed.asked.push(path);
    const answer = feed.answer[path];
    if (answer !== undefined) answer(request, response);
    else response.writeHead(404).end();
  };
  const server =
    scheme === 'http'
      ? http.createServer(listener)
      : https.createServer(
          { key: readFileSync('test/fixtures/tls/server.key'), cert: readFileSync(CERTIFICATE) },
          listener,
        );
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    feed.origin = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return feed;
}

/** An answer of one piece. */
export function sends(body: string | Buffer, type = 'application/json', more: http.OutgoingHttpHeaders = {}) {
  const bytes = Buffer.from(body);
  return ((_request, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length, ...more }).end(bytes);
  }) as http.RequestListener;
}

export function redirects(location: string, status = 302) {
  return ((_request, response) => {
    response.writeHead(status, { location }).end();
  }) as http.RequestListener;
}
