import { type Finding, fingerprint } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { isConfirmed, publicPrefix } from '../damping.ts';
import {
  authGrade,
  describeReach,
  exposureConfidence,
  exposureSeverity,
  gatewayListeners,
  hasVersionBypass,
  isHeldByContainer,
} from '../exposure.ts';
import { exposureEvidence } from '../exposure-evidence.ts';
import { afterExposure, bindLoopback } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject } from '../subjects.ts';

interface Options {
  confirmMs: number;
}

const ID = 'EXP-02';

export const exp02: Rule<Options> = {
  id: ID,
  title: 'Gateway reachable from the internet',
  what: 'A gateway whose own port answers on a public IPv4 address or on a global IPv6 address of this host, or on a wildcard that covers one.',
  why: 'Scanners know the port, the page title and the service name; counts of open gateways in 2026 lie between 20,000 and 200,000, depending on the method. IPv6 has no NAT: a home host behind an IPv4 router is often reachable all the same.',
  falsePositives:
    'A firewall of the provider or the router may stand in front and is invisible from here. Temporary IPv6 addresses change daily, so the identity holds prefixes (/24, /48) and not addresses. A cloud host with only private addresses and a one-to-one NAT is not recognised yet: it appears as EXP-01 (LAN).',
  whatToDo:
    'Bind loopback first. Then treat the gateway as touched since the time given: new token, new provider keys, look through paired devices and sessions.',
  severity: 'critical',
  severityRange:
    'high with authentication, critical without it or with a version whose authentication can be passed by',
  needs: 'T0',
  attack: ['T1190', 'T1133', 'T1595.002'],
  defaults: { confirmMs: 3000 },
  optionNotes: { confirmMs: 'As in EXP-01: age of the gateway process in ms from which one look is enough.' },
  judge(snapshot, context) {
    return snapshot.gateways
      .filter((gateway) => gateway.running && gateway.reach === 'public' && !isHeldByContainer(snapshot, gateway))
      .filter((gateway) => {
        const open = gatewayListeners(snapshot, gateway).filter(({ reach }) => reach === 'public');
        return isConfirmed(
          { keys: open.map(({ key }) => key), startedAt: gateway.startedAt },
          context,
          context.options.confirmMs,
        );
      })
      .map((gateway) => onTheInternet(snapshot, gateway));
  },
};

function onTheInternet(snapshot: Snapshot, gateway: Gateway): Finding {
  const publicAddresses = gateway.reachableAt.filter(({ reach }) => reach === 'public').map(({ address }) => address);
  const onlyIPv6 = publicAddresses.length > 0 && publicAddresses.every((address) => address.includes(':'));
  const evidence = exposureEvidence(snapshot, gateway);
  if (hasVersionBypass(gateway)) {
    evidence.push({
      label: 'version',
      value: `${gateway.version.running ?? gateway.version.installed}: authentication can be passed by`,
    });
  }
  return finding({
    ruleId: ID,
    severity: exposureSeverity('public', authGrade(gateway)) ?? 'high',
    title: `${gatewayName(gateway)} can be reached from ${describeReach('public', gateway.reachableAt)}`,
    subject: gatewaySubject(gateway),
    why: onlyIPv6
      ? 'IPv6 has no NAT: unless a firewall that cannot be seen from here drops it, everybody can connect, although the IPv4 side looks private.'
      : 'Anybody can connect unless a firewall that cannot be seen from here drops it, and scanners look for this port around the clock.',
    evidence,
    fixes: [...bindLoopback(gateway), ...afterExposure(gateway)],
    confidence: exposureConfidence(gateway, 'public'),
    fingerprint: fingerprint(ID, gateway.id, ...[...new Set(publicAddresses.map(publicPrefix))].sort()),
    gatewayId: gateway.id,
    socketKeys: [...gateway.gatewayListeners],
  });
}
