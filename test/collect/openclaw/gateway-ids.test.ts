import { describe, expect, test } from 'vitest';
import { createGatewayIds } from '../../../src/collect/openclaw/gateway-ids.ts';

describe('names of gateways', () => {
  test('the first of a profile has its name, a second one adds its place, and both keep theirs', () => {
    const ids = createGatewayIds();
    expect(ids.idFor('a', 'default', '/home/u/.openclaw')).toBe('default');
    expect(ids.idFor('b', 'default', '/srv/claw')).toBe('default@/srv/claw');
    expect(ids.idFor('a', 'default', '/home/u/.openclaw')).toBe('default');
  });

  test("a name of an earlier run stays with its installation, also while that one isn't there", () => {
    const ids = createGatewayIds(() => [{ id: 'default', stateDir: '/home/u/.openclaw' }]);
    expect(ids.idFor('b', 'default', '/srv/claw')).toBe('default@/srv/claw');
    expect(ids.idFor('a', 'default', '/home/u/.openclaw')).toBe('default');
  });
});
