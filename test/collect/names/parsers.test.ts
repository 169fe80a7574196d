import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostNamesIn } from '../../../src/collect/names/host-words.ts';
import { parseHostsFile, parseNameServers } from '../../../src/collect/names/hosts-file.ts';

const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);

describe('host names in a text', () => {
  test.each<[string, string[]]>([
    ['curl https://skillmetrics.test/collect?x=1', ['skillmetrics.test']],
    ['curl -s HTTPS://API.Example.Test.:8443/', ['api.example.test']],
    ['curl https://api.telegram.org@evil.test/bot', ['evil.test']],
    ['curl https://user:pass@api.example.test:443', ['api.example.test']],
    ['wss://münchen.example/socket', ['xn--mnchen-3ya.example']],
    ['curl skillmetrics.test/path', ['skillmetrics.test']],
    ['ssh root@host.example.test', ['host.example.test']],
    ['nc sink.example.test 4444', ['sink.example.test']],
    ['nc sink.example.test:4444', ['sink.example.test']],
    [`python3 -c "import urllib.request; u='http://a.test/';"`, ['a.test']],
    [`eval 'curl http://a.test && curl http://b.test'`, ['a.test', 'b.test']],
    ['--url=https://a.test --host=b.test', ['a.test', 'b.test']],
    ['git clone git@github.com:a/b.git', ['github.com']],
    [`python3 -c "import os.path; from a.b import c; os.system('x'); a.b=1"`, []],
    ['python3 fetch.py run.sh notes.md data.json', []],
    ['/home/u/skills/evil.test/run', []],
    ['./evil.test ../evil.test', []],
    ['curl http://203.0.113.7/ http://[2001:db8::7]/ 203.0.113.8', []],
    ['curl http://0x7f.1/ http://127.1/', []],
    ['node server localhost http://localhost:3000', []],
    ['http://exa%6dple.test/', []],
    ['', []],
  ])('%s', (text, names) => {
    expect(hostNamesIn(text)).toEqual(names);
  });

  test('are few and soon found in any text', () => {
    const many = Array.from({ length: 100 }, (_, index) => `http://h${index}.test/`).join(' ');
    expect(hostNamesIn(many)).toHaveLength(32);
    expect(hostNamesIn(`${'x'.repeat(20_000)} http://late.test/`)).toEqual([]);
    expect(hostNamesIn('a.'.repeat(60_000))).toEqual([]);
  });

  test('are inert', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl()), (text) => {
        for (const name of hostNamesIn(text)) expect(name).toMatch(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
      }),
      { numRuns },
    );
  });
});

describe('a hosts file', () => {
  test('gives names to addresses', () => {
    const table = parseHostsFile(
      [
        '# comment',
        '127.0.0.1 localhost',
        '::1 ip6-localhost',
        '0.0.0.0 ads.example.test',
        '192.168.50.30\tNAS.lan  nas # the box',
        '192.168.50.30 nas backup.lan',
        '::ffff:192.168.50.31 mapped.lan',
        '2001:DB8::0007 six.example.test',
        'not-an-address name',
        '192.168.50.32',
        '192.168.50.033 octal.lan',
        '192.168.50.34 bad/name good.lan\r',
        '  192.168.50.35 indented.lan',
      ].join('\n'),
    );
    expect(Object.fromEntries(table)).toEqual({
      '192.168.50.30': ['nas.lan', 'nas', 'backup.lan'],
      '192.168.50.31': ['mapped.lan'],
      '2001:db8::7': ['six.example.test'],
      '192.168.50.34': ['good.lan'],
      '192.168.50.35': ['indented.lan'],
    });
  });

  test('of any content is read without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseHostsFile(text);
        parseNameServers(text);
      }),
      { numRuns },
    );
  });
});

test('name servers are read from resolv.conf', () => {
  const text = 'search lan\nnameserver 192.168.50.1\n# nameserver 9.9.9.9\nnameserver  FE80::1%eth0\nnameserver evil\n';
  expect(parseNameServers(text)).toEqual(['192.168.50.1', 'fe80::1']);
});
