import { describe, expect, test } from 'vitest';
import { type UnknownContact, unknownContacts } from '../../src/detect/unknown-contacts.ts';
import type { Destination } from '../../src/types/egress.ts';
import type { Connection, Owner } from '../../src/types/snapshot.ts';
import { connection, history, NOW, owner, process, snapshot } from './builders.ts';

const HOST: Destination = { name: 'api.host.test', domain: 'host.test', source: 'dns', confidence: 'certain' };
const FIRST = owner('skill', process(700), { skill: 'metrics' });
const SECOND = owner('skill', process(701), { skill: 'metrics' });

function opened(local: number, by: Owner, more: Partial<Connection> = {}): Connection {
  return connection(['192.168.50.10', local], ['203.0.113.77', 443], {
    direction: 'outbound',
    owner: by,
    destination: HOST,
    verdict: 'unknown',
    ...more,
  });
}

function told(connections: Connection[]): UnknownContact[] {
  return unknownContacts(
    snapshot({ connections }),
    { history: history(), options: {}, now: NOW, singleLook: false },
    0,
  );
}

describe('unknownContacts', () => {
  test('of hundreds of connections names few, and among them one of each process', () => {
    const many = Array.from({ length: 500 }, (_, index) => opened(20_000 + index, FIRST));
    const last = opened(30_000, SECOND);
    const [contact, ...rest] = told([...many, last]);
    expect(rest).toEqual([]);
    expect(contact).toMatchObject({ connections: 501, endpoints: ['203.0.113.77:443'] });
    expect(contact!.socketKeys.length).toBeLessThanOrEqual(32);
    expect(contact!.socketKeys).toContain(last.key);
    expect(new Set(contact!.socketKeys).size).toBe(contact!.socketKeys.length);
  });

  test('connections without a name that share nothing but the skill are contacts of their own', () => {
    const nameless = ['203.0.113.77', '203.0.113.78'].map((address, index) => {
      const { destination: _, ...rest } = opened(20_000 + index, FIRST);
      return { ...rest, remote: { address, port: 443 } };
    });
    expect(told(nameless).map(({ destination }) => destination)).toEqual(['203.0.113.77:443', '203.0.113.78:443']);
  });
});
