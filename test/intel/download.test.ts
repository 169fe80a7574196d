import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { download } from '../../src/intel/download.ts';
import { isJsonType, signatureOf } from '../../src/intel/download-rules.ts';
import { UserError } from '../../src/types/error.ts';
import { CERTIFICATE, redirects, sends, useFeedServer } from './feed-server.ts';

const plain = useFeedServer();
const secure = useFeedServer('https');
const elsewhere = useFeedServer();
afterEach(() => {
  for (const feed of [plain, secure, elsewhere]) feed.forget();
});

const BYTES = 1000;
/** Long enough for loopback on a busy machine; tests of the limit itself give a short one. */
const TIMEOUT_MS = 15_000;

async function fetched(source: string, more: Partial<Parameters<typeof download>[1]> = {}): Promise<string> {
  const limits = { bytes: BYTES, timeoutMs: TIMEOUT_MS, takes: isJsonType };
  return (await download(source, { ...limits, ...more })).toString();
}

async function refusal(source: string, more: Parameters<typeof fetched>[1] = {}): Promise<string> {
  const error: unknown = await fetched(source, more).then(
    () => 'nothing was refused',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).hint).not.toBe('');
  return (error as UserError).message.replaceAll(/127\.0\.0\.1:\d+/g, 'HERE');
}

describe('a list is fetched', () => {
  test.each(['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/vnd.x+json'])(
    'as %s',
    async (type) => {
      plain.answer['/a.json'] = sends('[1]', type);
      expect(await fetched(`${plain.origin}/a.json`)).toBe('[1]');
    },
  );

  test('in many pieces, up to the limit to the byte', async () => {
    plain.answer['/a'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (let piece = 0; piece < BYTES / 10; piece++) response.write('0123456789');
      response.end();
    };
    expect(await fetched(`${plain.origin}/a`)).toHaveLength(BYTES);
  });

  test('over TLS from a server whose certificate is trusted, and with nothing that says who asks', async () => {
    let headers: Record<string, unknown> = {};
    secure.answer['/a'] = (request, response) => {
      headers = request.headers;
      sends('[2]')(request, response);
    };
    expect(await fetched(`${secure.origin}/a`, { ca: readFileSync(CERTIFICATE, 'utf8') })).toBe('[2]');
    expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    expect(headers['user-agent']).toBe('ClawWatch');
    expect(headers['accept-encoding']).toBe('identity');
  });

  test('through redirects that stay where they are', async () => {
    plain.answer['/a'] = redirects('/b', 301);
    plain.answer['/b'] = redirects(`${plain.origin}/c?d=1`, 307);
    plain.answer['/c?d=1'] = sends('[3]');
    expect(await fetched(`${plain.origin}/a`)).toBe('[3]');
    expect(plain.asked).toEqual(['/a', '/b', '/c?d=1']);
  });

  test('from where its name led first, although it leads elsewhere later', async () => {
    let asked = 0;
    const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    plain.answer['/a'] = redirects('/b');
    plain.answer['/b'] = sends('[4]');
    const source = plain.origin.replace('127.0.0.1', 'feeds.example');
    expect(await fetched(`${source}/a`, { resolve })).toBe('[4]');
    expect(asked).toBe(1);
  });
});

describe('an answer is refused', () => {
  test.each([
    ['a page', sends('<html>', 'text/html'), 'HERE sends text/html, and JSON is expected'],
    ['an archive', sends('PK', 'application/zip'), 'HERE sends application/zip, and JSON is expected'],
    ['404', undefined, 'HERE has nothing at /a (404)'],
    [
      'gzip',
      sends(gzipSync(Buffer.alloc(50_000_000)), 'application/json', { 'content-encoding': 'gzip' }),
      'HERE sends it packed (gzip), which is not unpacked here',
    ],
    ['a length beyond the limit', sends('x'.repeat(BYTES + 1)), 'HERE sends more than 1000 bytes'],
  ])('%s', async (_, answer, message) => {
    if (answer) plain.answer['/a'] = answer;
    expect(await refusal(`${plain.origin}/a`)).toBe(message);
  });

  test.each([403, 500, 204, 304])('status %i', async (status) => {
    plain.answer['/a'] = (_request, response) => void response.writeHead(status).end();
    expect(await refusal(`${plain.origin}/a`)).toContain(String(status));
  });

  test('without a type', async () => {
    plain.answer['/a'] = (_request, response) => void response.writeHead(200).end('[]');
    expect(await refusal(`${plain.origin}/a`)).toBe('HERE does not say what it sends, and JSON is expected');
  });

  test('that has no end, soon after the limit', async () => {
    let sent = 0;
    plain.answer['/a'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = setInterval(() => {
        sent += 500;
        response.write('x'.repeat(500));
      }, 1);
      response.on('close', () => clearInterval(more));
    };
    expect(await refusal(`${plain.origin}/a`)).toBe('HERE sends more than 1000 bytes');
    expect(sent).toBeLessThan(10_000_000);
  });

  test('that ends before its length', async () => {
    plain.answer['/a'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 900 });
      response.write('[1');
      setImmediate(() => response.destroy());
    };
    expect(await refusal(`${plain.origin}/a`)).toBe('HERE ended the connection before all was sent');
  });

  test('in pieces whose last one is missing', async () => {
    plain.answer['/a'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('[1]');
      setImmediate(() => response.destroy());
    };
    expect(await refusal(`${plain.origin}/a`)).toBe('HERE ended the connection before all was sent');
  });

  test('that never comes', async () => {
    plain.answer['/a'] = () => {};
    expect(await refusal(`${plain.origin}/a`, { timeoutMs: 100 })).toBe('HERE did not send it all within 0.1 s');
  });

  test('that comes byte by byte for ever', async () => {
    plain.answer['/a'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    };
    expect(await refusal(`${plain.origin}/a`, { timeoutMs: 200 })).toBe('HERE did not send it all within 0.2 s');
  });

  test('a name server that never answers', async () => {
    const resolve = () => new Promise<never>(() => {});
    expect(await refusal('https://feeds.example/a', { resolve, timeoutMs: 50 })).toContain('did not send it all');
  });
});

describe('a redirect is not followed', () => {
  test.each([
    ['to another port of this host', () => `${elsewhere.origin}/a`],
    ['to another name of this host', () => `${plain.origin.replace('127.0.0.1', 'localhost')}/b`],
    ['to an own network', () => 'http://10.0.0.1/a'],
    ['to the metadata of a cloud', () => 'http://169.254.169.254/latest'],
    ['to another scheme', () => 'file:///etc/passwd'],
    ['with a password', () => plain.origin.replace('//', '//user:pw@')],
    ['to nowhere', () => 'http://['],
  ])('%s', async (_, where) => {
    plain.answer['/a'] = redirects(where());
    expect(await refusal(`${plain.origin}/a`)).toContain('and other places are not followed');
    expect([...plain.asked, ...elsewhere.asked]).toEqual(['/a']);
  });

  test('from TLS to plain text', async () => {
    secure.answer['/a'] = redirects(`${plain.origin}/a`);
    const message = await refusal(`${secure.origin}/a`, { ca: readFileSync(CERTIFICATE, 'utf8') });
    expect(message).toBe('HERE redirects to http://HERE, and other places are not followed');
    expect(plain.asked).toEqual([]);
  });

  test('in a circle', async () => {
    plain.answer['/a'] = redirects('/a');
    expect(await refusal(`${plain.origin}/a`)).toBe('HERE redirects more than 3 times');
    expect(plain.asked).toHaveLength(4);
  });
});

describe('nobody is asked', () => {
  const leadsTo = (address: string) => async () => [{ address, family: address.includes(':') ? 6 : 4 }];

  test.each([
    ['over plain http beyond this host', 'http://192.0.2.1/a', 'plain http can be changed on its way'],
    ['over plain http in an own network', 'http://10.0.0.1/a', 'plain http can be changed on its way'],
    ['at the metadata of a cloud', 'https://169.254.169.254/a', 'where no list is published'],
    ['by ftp', 'ftp://feeds.example/a', 'lists are not fetched by ftp://'],
    ['of the disk', 'file:///etc/passwd', 'lists are not fetched by file://'],
    ['with a password', 'https://me:secret@feeds.example/a', 'has a user or a password in it'],
    ['of nothing', 'https://', 'is no URL'],
  ])('%s', async (_, source, message) => expect(await refusal(source)).toContain(message));

  test.each(['169.254.169.254', '0.0.0.0', '224.0.0.1', 'fd00:ec2::254'])(
    'when the name leads to %s',
    async (address) => {
      expect(await refusal('https://feeds.example/a', { resolve: leadsTo(address) })).toContain(address);
    },
  );

  test('over plain http when one address of the name is not on this host', async () => {
    const resolve = async () => [...(await leadsTo('127.0.0.1')()), ...(await leadsTo('192.0.2.1')())];
    expect(await refusal(`${plain.origin.replace('127.0.0.1', 'feeds.example')}/a`, { resolve })).toContain(
      'plain http',
    );
    expect(plain.asked).toEqual([]);
  });
});

test('a certificate that nobody vouches for is refused, and the CA is asked for', async () => {
  secure.answer['/a'] = sends('[]');
  expect(await refusal(`${secure.origin}/a`)).toBe(
    'HERE shows no certificate that is trusted (DEPTH_ZERO_SELF_SIGNED_CERT)',
  );
  expect(secure.asked).toEqual([]);
});

test('a closed port and an unknown name are said', async () => {
  expect(await refusal('http://127.0.0.1:1/a')).toContain('does not answer (ECONNREFUSED)');
  const resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
  expect(await refusal('https://feeds.example/a', { resolve })).toBe('feeds.example cannot be found');
});

test.each([
  ['packs/a.json', 'packs/a.json.sig'],
  ['https://feeds.example/a.json', 'https://feeds.example/a.json.sig'],
  ['https://feeds.example/a.json?v=2', 'https://feeds.example/a.json.sig?v=2'],
])('the signature of %s is at %s', (source, signature) => expect(signatureOf(source)).toBe(signature));
