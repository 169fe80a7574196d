import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropRights, type Identity, requireRoot, SPARE_UID, sensorIdentity } from '../../src/sensor/rights.ts';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'toor:x:0:7:second root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'alice:x:1000:1000:Alice,,,:/home/alice:/bin/bash',
  'staff:x:1001:0:group of root:/:/bin/sh',
  'broken:x:abc:1:::',
  '# a comment',
  '+::::::',
  '',
].join('\n');
const WITH_USER = `${PASSWD}clawwatch-sensor:x:998:997::/nonexistent:/usr/sbin/nologin\n`;

describe('whom the sensor becomes', () => {
  test.each<[string, string | undefined, string, { uid: number; gid: number }]>([
    ['its own user where there is one', undefined, WITH_USER, { uid: 998, gid: 997 }],
    ['a number of nobody where there is none', undefined, PASSWD, { uid: SPARE_UID, gid: SPARE_UID }],
    ['a user by name', 'daemon', PASSWD, { uid: 1, gid: 1 }],
    ['a number of nobody', '61999', PASSWD, { uid: 61_999, gid: 61_999 }],
    ['nobody special in an empty file', undefined, '', { uid: SPARE_UID, gid: SPARE_UID }],
  ])('%s', (_, wish, passwd, expected) => expect(sensorIdentity(wish, passwd)).toEqual(expected));

  test.each<[string, string | undefined, string, RegExp]>([
    ['root', 'root', PASSWD, /must not stay root/],
    ['root by number', '0', PASSWD, /must not stay root/],
    ['root with zeros before it', '000', PASSWD, /must not stay root/],
    ['root by another name', 'toor', PASSWD, /must not stay root/],
    ['a user in the group of root', 'staff', PASSWD, /must not stay root/],
    ['a number of somebody', '1000', PASSWD, /belongs to somebody/],
    ['a name of nobody', 'mallory', PASSWD, /there is no user mallory/],
    ['a name that is a part of a line', 'alice:x:1000', PASSWD, /there is no user/],
    ['a line that is none', 'broken', PASSWD, /there is no user broken/],
    ['nothing', '', PASSWD, /there is no user/],
    ['a number beyond all', '9999999999', PASSWD, /there is no user/],
    ['a negative number', '-1', PASSWD, /there is no user/],
    ['the spare number where somebody has it', undefined, `eve:x:${SPARE_UID}:5::/:/bin/sh`, /belongs to somebody/],
    ['its own user when that is root', undefined, 'clawwatch-sensor:x:0:0::/:/bin/sh', /must not stay root/],
  ])('%s: refused', (_, wish, passwd, problem) => expect(() => sensorIdentity(wish, passwd)).toThrow(problem));

  test('is never root, whatever the file and the wish say', () => {
    const field = fc.oneof(fc.constantFrom('0', '00', 'x', '', '1', 'clawwatch-sensor', '-0', '0x0'), fc.string());
    const line = fc.array(field, { minLength: 1, maxLength: 5 }).map((fields) => fields.join(':'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), fc.option(field, { nil: undefined }), (lines, wish) => {
        try {
          const { uid, gid } = sensorIdentity(wish, lines.join('\n'));
          expect(uid > 0 && gid > 0).toBe(true);
        } catch (error) {
          expect((error as Error).name).toBe('UserError');
        }
      }),
      { numRuns: 500 },
    );
  });
});

const TO = { uid: 998, gid: 997 };
const CLEAN: Record<string, string> = {
  Uid: '998\t998\t998\t998',
  Gid: '997\t997\t997\t997',
  Groups: ' ',
  CapInh: '0000000000000000',
  CapPrm: '0000000000000000',
  CapEff: '0000000000000000',
  CapBnd: '000001ffffffffff',
  CapAmb: '0000000000000000',
};
const statusOf = (fields: Record<string, string | undefined>) =>
  Object.entries({ Name: 'node', ...CLEAN, ...fields })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join('');

/** A process that notes what is asked of it; its way back is closed unless told otherwise. */
function fakeIdentity(more: Partial<Identity> = {}) {
  const calls: string[] = [];
  const note = (name: string) => (value: unknown) => void calls.push(`${name} ${JSON.stringify(value)}`);
  const identity: Identity = {
    getuid: () => 0,
    setgroups: note('setgroups'),
    setgid: note('setgid'),
    setuid(uid) {
      calls.push(`setuid ${uid}`);
      if (uid === 0) throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    },
    umask(mask) {
      calls.push(`umask ${mask.toString(8)}`);
      return 0;
    },
    chdir: note('chdir'),
    ...more,
  };
  return { identity, calls };
}

describe('dropping rights', () => {
  test('groups go before the user, and the way back is tried last', () => {
    const { identity, calls } = fakeIdentity();
    dropRights(TO, identity, () => statusOf({}));
    expect(calls).toEqual(['chdir "/"', 'umask 77', 'setgroups []', 'setgid 997', 'setuid 998', 'setuid 0']);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['CapEff', { CapEff: '0000000000000001' }],
    ['CapPrm', { CapPrm: '000001ffffffffff' }],
    ['CapInh', { CapInh: '0000000000200000' }],
    ['CapAmb', { CapAmb: '0000000000002000' }],
    ['CapEff', { CapEff: undefined }],
    ['CapEff', { CapEff: 'none' }],
    ['Uid', { Uid: '998\t998\t0\t998' }],
    ['Uid', { Uid: '998\t0\t998\t998' }],
    ['Uid', { Uid: '998\t998\t998' }],
    ['Uid', { Uid: undefined }],
    ['Gid', { Gid: '997\t997\t0\t997' }],
    ['Groups', { Groups: '0 4 27' }],
    ['Groups', { Groups: undefined }],
  ])('anything left in %s is an error', (name, fields) => {
    const { identity, calls } = fakeIdentity();
    expect(() => dropRights(TO, identity, () => statusOf(fields))).toThrow(new RegExp(`rights of root.*${name}`));
    expect(calls).not.toContain('setuid 0');
  });

  test('a process name that looks like a line of the kernel proves nothing', () => {
    const { identity } = fakeIdentity();
    // The kernel escapes line ends in names; should one come through, the first line of a word must be right.
    const forged = `Name:\tx\nCapEff:\t0000000000000001\n${statusOf({})}`;
    expect(() => dropRights(TO, identity, () => forged)).toThrow(/CapEff/);
  });

  test('an open way back is an error', () => {
    const { identity } = fakeIdentity({ setuid: () => {} });
    expect(() => dropRights(TO, identity, () => statusOf({}))).toThrow(/way back to root is open/);
  });

  test.each(['chdir', 'setgroups', 'setgid', 'setuid'] as const)('a %s that fails ends it', (step) => {
    const { identity } = fakeIdentity({
      [step]: () => {
        throw new Error('EPERM');
      },
    });
    expect(() => dropRights(TO, identity, () => statusOf({}))).toThrow('EPERM');
  });

  test('a status that cannot be read ends it', () => {
    const { identity } = fakeIdentity();
    const unread = () => {
      throw new Error('EACCES');
    };
    expect(() => dropRights(TO, identity, unread)).toThrow('EACCES');
  });
});

test('everybody but root is turned away, with a way', () => {
  expect(() => requireRoot({ getuid: () => 1000 })).toThrow(/starts as root/);
  expect(() => requireRoot({ getuid: () => 0 })).not.toThrow();
});

const CHILD = `
  import { readFileSync, openSync, readSync, writeFileSync } from 'node:fs';
  import { dropRights } from './src/sensor/rights.ts';
  const fd = openSync('/etc/shadow', 'r');
  dropRights({ uid: 61111, gid: 61111 });
  const tried = {};
  const attempt = (name, act) => { try { act(); tried[name] = 'possible'; } catch (error) { tried[name] = error.code; } };
  attempt('setuid', () => process.setuid(0));
  attempt('seteuid', () => process.seteuid(0));
  attempt('setgid', () => process.setgid(0));
  attempt('setgroups', () => process.setgroups([0]));
  attempt('read', () => readFileSync('/etc/shadow'));
  attempt('write', () => writeFileSync('/etc/clawwatch-test-of-rights', ''));
  attempt('kill', () => process.kill(1, 0));
  attempt('openBefore', () => readSync(fd, Buffer.alloc(1)));
  const status = readFileSync('/proc/self/status', 'utf8');
  process.stdout.write(JSON.stringify({ tried, cwd: process.cwd(), umask: process.umask(), caps: /CapEff:\\s*(\\w+)/.exec(status)[1] }));
`;

describe.skipIf(process.getuid?.() !== 0)('a real process of root', () => {
  test('cannot come back, and keeps what it had opened', () => {
    const said = execFileSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', CHILD], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    expect(JSON.parse(said)).toEqual({
      tried: {
        setuid: 'EPERM',
        seteuid: 'EPERM',
        setgid: 'EPERM',
        setgroups: 'EPERM',
        read: 'EACCES',
        write: 'EACCES',
        kill: 'EPERM',
        openBefore: 'possible',
      },
      cwd: '/',
      umask: 0o077,
      caps: '0000000000000000',
    });
  });
});
