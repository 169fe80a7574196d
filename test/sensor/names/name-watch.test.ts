import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNameWatch, type NameWatch } from '../../../src/sensor/names/name-watch.ts';
import { damaged, numRuns } from './fuzz.ts';
import {
  a,
  addressList,
  CLIENT,
  CONNECTION_ID,
  cname,
  crypto,
  type DnsParts,
  dns,
  type Ends,
  framed,
  hello,
  https,
  initial,
  records,
  reversed,
  TYPE,
  tcp,
  udp,
} from './packets.ts';

const WEB: Ends = { source: '203.0.113.10', sourcePort: 50_000, destination: '203.0.113.80', destinationPort: 443 };

/** A watch with a clock that the test moves. */
function start() {
  let time = 1_000_000;
  const watch = createNameWatch({ now: () => time });
  const put = (direction: 'in' | 'out' | 'loop', data: Uint8Array) =>
    watch.packet({ data, wireBytes: data.length, direction, at: time });
  return {
    watch,
    put,
    pass(ms: number): void {
      time += ms;
    },
    ask: (parts: DnsParts, ends = CLIENT) => put('out', udp(ends, dns({ id: 7, ...parts }))),
    answer: (parts: DnsParts, ends = CLIENT) => put('in', udp(reversed(ends), dns({ id: 7, answers: [], ...parts }))),
    say: (parts: Parameters<typeof hello>[0], ends = WEB, sequence = 1) =>
      put('out', tcp(ends, sequence, records(hello(parts)))),
  };
}

const told = (watch: NameWatch) => watch.drain().map(({ name, address, source }) => `${source} ${name} ${address}`);

describe('names by DNS', () => {
  test('are told as they were asked for, with who answered and for how long', () => {
    const { watch, ask, answer } = start();
    ask({ name: 'www.Example.com' });
    answer({
      name: 'www.eXample.com',
      answers: [cname('www.example.com', 'e.cdn.example', 9), a('e.cdn.example', '0.0.0.0')],
    });
    expect(watch.drain()).toEqual([
      {
        kind: 'name',
        at: 1_000_000,
        address: '0.0.0.0',
        name: 'www.example.com',
        source: 'dns',
        ttlMs: 9000,
        server: '203.0.113.1',
      },
    ]);
  });

  test.each<[string, DnsParts, Ends?]>([
    ['of a question that nobody asked', { name: 'other.example' }],
    ['with another id', { name: 'a.example', id: 8 }],
    ['of another type', { name: 'a.example', type: TYPE.AAAA }],
    ['of another server', { name: 'a.example' }, { ...CLIENT, destination: '203.0.113.2' }],
    ['to another port', { name: 'a.example' }, { ...CLIENT, sourcePort: 40_001 }],
    ['with an error', { name: 'a.example', rcode: 3 }],
  ])('are not believed from an answer %s', (_, parts, ends) => {
    const { watch, ask, answer } = start();
    ask({ name: 'a.example' });
    answer({ ...parts, answers: [a(parts.name, '203.0.113.66')] }, ends);
    expect(watch.drain()).toEqual([]);
  });

  test('are believed once: a second answer to the same question is a forgery, and a late one too', () => {
    const { watch, ask, answer, pass } = start();
    ask({ name: 'a.example' });
    answer({ name: 'a.example', answers: [a('a.example', '203.0.113.1')] });
    answer({ name: 'a.example', answers: [a('a.example', '203.0.113.66')] });
    ask({ name: 'b.example' });
    pass(15_000);
    answer({ name: 'b.example', answers: [a('b.example', '203.0.113.2')] });
    expect(told(watch)).toEqual(['dns a.example 203.0.113.1']);
  });

  test('are not taken from what this host itself answers, nor from questions that come in', () => {
    const { watch, put } = start();
    put('in', udp(CLIENT, dns({ name: 'a.example', id: 7 })));
    put('out', udp(reversed(CLIENT), dns({ name: 'a.example', id: 7, answers: [a('a.example', '203.0.113.1')] })));
    expect(watch.drain()).toEqual([]);
  });

  test('come over TCP, in pieces, two in one connection, and one that is too long is read as far as kept', () => {
    const { watch, put } = start();
    const answers = Array.from({ length: 60 }, (_, index) => a('many.example', `203.0.113.${index}`));
    const stream = Buffer.concat([
      framed(dns({ name: 'many.example', id: 1, answers })),
      framed(dns({ name: 'b.example', id: 2, answers: [a('b.example', '2001:db8::1')] })),
    ]);
    put('out', tcp(CLIENT, 99, Buffer.alloc(0), 2));
    put('out', tcp(CLIENT, 100, framed(dns({ name: 'many.example', id: 1 }))));
    put(
      'out',
      tcp(CLIENT, 100 + framed(dns({ name: 'many.example' })).length, framed(dns({ name: 'b.example', id: 2 }))),
    );
    put('in', tcp(reversed(CLIENT), 499, Buffer.alloc(0), 0x12));
    put('in', tcp(reversed(CLIENT), 500 + 900, stream.subarray(900)));
    put('in', tcp(reversed(CLIENT), 500, stream.subarray(0, 900)));
    const names = told(watch);
    expect(names).toHaveLength(61);
    expect(names.at(-1)).toBe('dns b.example 2001:db8::1');
    expect(watch.blindness.malformed).toBe(0);

    const ends = { ...CLIENT, sourcePort: 40_009 };
    const large = Array.from({ length: 1000 }, (_, index) => a('big.example', `203.0.${index >> 8}.${index & 255}`));
    const long = framed(dns({ name: 'big.example', id: 3, answers: large }));
    put('out', tcp(ends, 1, framed(dns({ name: 'big.example', id: 3 }))));
    for (let at = 0; at < long.length; at += 1400) put('in', tcp(reversed(ends), 1 + at, long.subarray(at, at + 1400)));
    expect(watch.drain()).toHaveLength(512);
    expect(watch.blindness.malformed).toBe(1);
  });

  test('come from the hints of a service record', () => {
    const { watch, ask, answer } = start();
    ask({ name: 'a.example', type: TYPE.HTTPS });
    const record = https('a.example', '', [[4, addressList('203.0.113.5')]]);
    answer({ name: 'a.example', type: TYPE.HTTPS, answers: [record] });
    expect(told(watch)).toEqual(['dns a.example 203.0.113.5']);
  });

  test('are told again only after ten seconds', () => {
    const { watch, ask, answer, pass } = start();
    const round = () => {
      ask({ name: 'a.example' });
      answer({ name: 'a.example', answers: [a('a.example', '203.0.113.1')] });
      return watch.drain().length;
    };
    expect([round(), round()]).toEqual([1, 0]);
    pass(10_000);
    expect(round()).toBe(1);
  });
});

describe('names by hello', () => {
  test('are told with both ends of their connection', () => {
    const { watch, say } = start();
    say({ name: 'api.example' });
    expect(watch.drain()).toEqual([
      {
        kind: 'name',
        at: 1_000_000,
        address: '203.0.113.80',
        name: 'api.example',
        source: 'sni',
        local: { address: '203.0.113.10', port: 50_000 },
        remotePort: 443,
      },
    ]);
  });

  test('are not taken from what comes in, where a neighbour could speak in our name', () => {
    const { watch, put } = start();
    put('in', tcp(WEB, 1, records(hello({ name: 'forged.example' }))));
    put('in', udp(WEB, initial({ frames: crypto(0, hello({ name: 'forged.example' })) })));
    expect(watch.drain()).toEqual([]);
    put('loop', tcp(WEB, 1, records(hello({ name: 'own.example' }))));
    expect(told(watch)).toEqual(['sni own.example 203.0.113.80']);
  });

  test('come over QUIC', () => {
    const { watch, put } = start();
    put('out', udp(WEB, initial({ frames: crypto(0, hello({ name: 'h3.example' })) })));
    expect(told(watch)).toEqual(['sni h3.example 203.0.113.80']);
  });

  test('of one connection are the first one, also when a repetition says another', () => {
    const { watch, say } = start();
    say({ name: 'first.example' });
    say({ name: 'second.example' });
    say({ name: 'next.example' }, WEB, 5_000_000);
    expect(told(watch)).toEqual(['sni first.example 203.0.113.80', 'sni next.example 203.0.113.80']);
  });

  test('are told from the part that was seen when the rest never comes, and that is counted', () => {
    const { watch, put, pass } = start();
    const stream = records(hello({ name: 'cut.example', after: 2000 }));
    put('out', tcp(WEB, 1, stream.subarray(0, 1400)));
    expect(watch.drain()).toEqual([]);
    pass(3000);
    expect(told(watch)).toEqual(['sni cut.example 203.0.113.80']);
    expect(watch.blindness.malformed).toBe(1);
  });

  test('with an encrypted hello are told only where this host resolved the name to that address', () => {
    const { watch, say, ask, answer } = start();
    say({ name: 'outer.example', ech: true });
    expect(watch.drain()).toEqual([]);
    expect(watch.blindness.ech).toBe(1);
    ask({ name: 'real.example' });
    answer({ name: 'real.example', answers: [a('real.example', WEB.destination)] });
    say({ name: 'real.example', ech: true }, { ...WEB, sourcePort: 50_001 });
    say({ name: 'real.example', ech: true }, { ...WEB, sourcePort: 50_002, destination: '203.0.113.81' });
    expect(told(watch)).toEqual(['dns real.example 203.0.113.80', 'sni real.example 203.0.113.80']);
    expect(watch.blindness.ech).toBe(2);
  });

  test('count resolvers that hide what is asked', () => {
    const { watch, say } = start();
    say({ name: 'dns.quad9.net' });
    say({}, { ...WEB, sourcePort: 50_001, destination: '1.1.1.1' });
    say({ name: 'resolver.example' }, { ...WEB, destinationPort: 853 });
    expect(watch.blindness).toEqual({ dot: 1, doh: 2, ech: 0, malformed: 0 });
    expect(told(watch)).toEqual(['sni dns.quad9.net 203.0.113.80', 'sni resolver.example 203.0.113.80']);
  });

  test('of hellos that break the rules are none', () => {
    const { watch, put } = start();
    const broken = hello({ name: 'a.example', before: 20 });
    broken.writeUInt16BE(0, broken.indexOf(Buffer.from([0xfa, 0xfa])));
    put('out', tcp(WEB, 1, records(broken)));
    put('out', udp(WEB, initial({ frames: Buffer.from([0x1d]), keysOf: CONNECTION_ID })));
    expect(watch.drain()).toEqual([]);
    expect(watch.blindness.malformed).toBe(2);
  });
});

describe('the watch under attack', () => {
  test('keeps a bounded memory and counts what it gave up', () => {
    const { watch, put, ask, answer, pass } = start();
    for (let index = 0; index < 12_000; index++) {
      const ends = { ...WEB, sourcePort: index & 0xffff, destination: `203.0.113.${index >> 16}` };
      put('out', tcp(ends, 1, records(hello({ name: 'x.example', after: 900 })).subarray(0, 700)));
      ask({ name: `q${index}.example`, id: index & 0xffff });
      if (index % 1000 === 0) pass(1);
    }
    expect(watch.held.flows).toBeLessThanOrEqual(4096 + 256 + 512);
    expect(watch.held.bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(watch.held.questions).toBeLessThanOrEqual(8192 + 4096);
    for (let index = 0; index < 21_000; index++) {
      ask({ name: `n${index}.example` });
      answer({ name: `n${index}.example`, answers: [a(`n${index}.example`, '203.0.113.1')] });
    }
    expect(watch.held.keys).toBeLessThanOrEqual(8192 + 16_384);
    const events = watch.drain();
    expect(events.length).toBe(20_000);
    // A thousand answers, and the part of the unfinished hellos that is kept; the others are a number. Of the questions those
    // that neither wait for their answer nor to be told.
    const waiting = watch.held.questions;
    expect(watch.questions()).toHaveLength(2000);
    expect(watch.overflow()).toBe(1000 + 4096 + 33_000 - 2000 - 4095);
    expect(waiting).toBeLessThanOrEqual(8192 + 4096);
    expect(watch.blindness.malformed).toBe(12_000 - 4096);
    expect(watch.overflow()).toBe(0);
  });

  test('never throws, and tells only names that its packets hold', () => {
    const valid = [
      udp(CLIENT, dns({ name: 'fuzz.example', id: 7 })),
      udp(reversed(CLIENT), dns({ name: 'fuzz.example', id: 7, answers: [a('fuzz.example', '203.0.113.1')] })),
      tcp(WEB, 1, records(hello({ name: 'fuzz.example' }))),
      udp(WEB, initial({ frames: crypto(0, hello({ name: 'fuzz.example' })), size: 300 })),
    ];
    const packet = fc.tuple(
      fc.oneof(fc.uint8Array({ maxLength: 120 }), ...valid.map(damaged), ...valid.map((bytes) => fc.constant(bytes))),
      fc.constantFrom('in' as const, 'out' as const, 'loop' as const),
      fc.nat(20_000),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 12 }), (packets) => {
        const { watch } = start();
        let letters = 'fuzz.example';
        for (const [data, direction, at] of packets) {
          watch.packet({ data, wireBytes: data.length, direction, at });
          letters += Buffer.from(data).toString('latin1').toLowerCase();
        }
        for (const { name } of watch.drain()) {
          for (const label of name.split('.')) expect(letters).toContain(label);
        }
      }),
      { numRuns },
    );
  });
});

describe('an answer that speaks of others', () => {
  const OWNERS = ['asked.example', 'alias.example', 'cdn.example', 'bank.example'];
  const record = fc.oneof(
    fc.tuple(fc.constant('a' as const), fc.constantFrom(...OWNERS), fc.nat(250)),
    fc.tuple(fc.constant('cname' as const), fc.constantFrom(...OWNERS), fc.constantFrom(...OWNERS)),
  );

  test('names what was asked for, at the end of its own chain, and nobody else', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), fc.constantFrom(...OWNERS), (answers, replied) => {
        const { watch, ask, answer } = start();
        ask({ name: 'asked.example' });
        answer({
          name: replied,
          answers: answers.map(([kind, owner, value]) =>
            kind === 'a' ? a(owner, `203.0.113.${value}`) : cname(owner, value as string),
          ),
        });
        const chain = new Set(['asked.example']);
        for (let name: string | undefined = 'asked.example'; name !== undefined; ) {
          const alias: string | undefined = answers.find(
            ([kind, owner]) => kind === 'cname' && owner === name,
          )?.[2] as string;
          name = alias === undefined || chain.has(alias) ? undefined : alias;
          if (name !== undefined) chain.add(name);
        }
        const owned = answers.flatMap(([kind, owner, value]) =>
          kind === 'a' && chain.has(owner) ? [`dns asked.example 203.0.113.${value}`] : [],
        );
        expect(told(watch).sort()).toEqual(replied === 'asked.example' ? [...new Set(owned)].sort() : []);
      }),
      { numRuns },
    );
  });
});

describe('questions', () => {
  const asked = (watch: NameWatch) =>
    watch.questions().map(({ name, type, rcode }) => `${name} ${type} ${rcode ?? '-'}`);

  test('are told with their answer, whatever it says, and never what it holds', () => {
    const { watch, ask, answer } = start();
    ask({ name: 'www.Example.com' });
    expect(watch.questions()).toEqual([]);
    answer({ name: 'www.example.com', answers: [a('www.example.com', '203.0.113.5')] });
    expect(watch.questions()).toEqual([
      {
        kind: 'question',
        at: 1_000_000,
        name: 'www.example.com',
        type: 'A',
        rcode: 'NOERROR',
        server: '203.0.113.1',
        local: { address: CLIENT.source, port: CLIENT.sourcePort },
      },
    ]);
    for (const [type, rcode] of [
      [16, 3],
      [10, 0],
      [65, 2],
      [999, 17 & 15],
    ] as const) {
      ask({ name: `x${type}.example`, type });
      answer({ name: `x${type}.example`, type, rcode });
    }
    expect(asked(watch)).toEqual([
      'x16.example TXT NXDOMAIN',
      'x10.example NULL NOERROR',
      'x65.example HTTPS SERVFAIL',
      'x999.example 999 FORMERR',
    ]);
  });

  test('without an answer are told after fifteen seconds, and a forged answer is none', () => {
    const { watch, ask, answer, pass } = start();
    ask({ name: 'data.tunnel.example' });
    answer({ name: 'data.tunnel.example', id: 8, rcode: 3 });
    pass(14_999);
    expect(asked(watch)).toEqual([]);
    pass(1);
    expect(asked(watch)).toEqual(['data.tunnel.example A -']);
    answer({ name: 'data.tunnel.example', rcode: 3 });
    expect(asked(watch)).toEqual([]);
  });

  test('that are repeated are one, and another one after ten seconds', () => {
    const { watch, ask, answer, pass } = start();
    const once = (sourcePort: number) => {
      ask({ name: 'a.example' }, { ...CLIENT, sourcePort });
      ask({ name: 'a.example' }, { ...CLIENT, sourcePort });
      answer({ name: 'a.example', rcode: 3 }, { ...CLIENT, sourcePort });
    };
    once(1_000);
    once(1_001);
    expect(asked(watch)).toHaveLength(1);
    pass(10_000);
    once(1_002);
    expect(asked(watch)).toHaveLength(1);
  });

  test('over TCP are told too; those that come in, and the root, are not', () => {
    const { watch, put, ask, pass } = start();
    put('out', tcp(CLIENT, 99, Buffer.alloc(0), 2));
    put('out', tcp(CLIENT, 100, framed(dns({ name: 'over.tcp.example', type: 16 }))));
    put('in', udp(CLIENT, dns({ name: 'from.outside.example' })));
    ask({ name: '' });
    pass(15_000);
    expect(asked(watch)).toEqual(['over.tcp.example TXT -']);
  });

  test('without end are told within a budget, the rest is counted, and memory stays', () => {
    const { watch, ask, answer, pass } = start();
    const flood = (round: number, count: number) => {
      for (let index = 0; index < count; index++) {
        const name = `${round}-${index}.flood.example`;
        ask({ name });
        if (index % 2 === 0) answer({ name, rcode: 3 });
      }
    };
    flood(1, 20_000);
    const told = watch.questions().length;
    expect(told).toBe(2_000);
    const { questions } = watch.held;
    expect(questions).toBeLessThanOrEqual(4_096 + 8_192);
    pass(1_000);
    flood(2, 1_000);
    expect(watch.questions()).toHaveLength(100);
    pass(60_000);
    const last = watch.questions().length;
    expect(watch.overflow() + told + 100 + last).toBe(21_000);
  });

  test('are printable words of 253 characters at most, whatever the packets hold', () => {
    const valid = udp(CLIENT, dns({ name: 'a1b2c3.data.tunnel.example', type: 16, id: 7 }));
    fc.assert(
      fc.property(fc.array(damaged(valid), { maxLength: 8 }), (packets) => {
        const { watch, put, pass } = start();
        for (const packet of packets) put('out', packet);
        pass(15_000);
        for (const { name, type } of watch.questions()) {
          expect(name).toMatch(/^[!-~]{1,253}$/);
          expect(type).toMatch(/^[A-Z0-9]{1,6}$/);
        }
      }),
      { numRuns },
    );
  });
});
