import { expect, test } from 'vitest';
import { createDomainOf } from '../../../src/enrich/egress/domain.ts';

test.each([
  ['api.telegram.org', 'telegram.org'],
  ['a.b.example.co.uk', 'example.co.uk'],
  ['x.trycloudflare.com', 'x.trycloudflare.com'],
  ['deep.x.trycloudflare.com', 'x.trycloudflare.com'],
  ['someone.github.io', 'someone.github.io'],
  ['skillmetrics.test', 'skillmetrics.test'],
  ['api.skillmetrics.test', 'skillmetrics.test'],
  ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de'],
  ['trycloudflare.com', undefined],
  ['co.uk', undefined],
  ['localhost', undefined],
])('the registrable domain of %s is %s', (name, domain) => {
  const domainOf = createDomainOf();
  expect(domainOf(name)).toBe(domain);
  expect(domainOf(name)).toBe(domain);
});
