import { withParents } from '../../collect/lost-sources.ts';
import { SEVERITIES } from '../../types/finding.ts';
import type { ContainerPublish, ServeRoute } from '../../types/host-facts.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { TelemetryLoss } from '../../types/snapshot.ts';
import { isFields } from './case.ts';
import { CONTAINER_NETNS } from './lab.ts';
import { fillIn } from './patterns.ts';
import type { StepWords, Translate } from './plan.ts';
import { ofTree } from './process-steps.ts';
import { addHosts, asList, processNamed, StepProblem, type World } from './world.ts';

/** Words of cases about files, containers, packet filters, tunnels and the collector itself. */
export const HOST_STEPS: Readonly<Record<string, Translate>> = {
  cfg(words, plan) {
    plan.at(words.t, (world, at) => {
      world.files.patch(fillIn(words.fields('patch') ?? {}, 0), at);
      world.isChanged = true;
    });
  },
  file(words, plan) {
    plan.at(words.t, (world, at) => {
      changeFile(world, words, at);
      world.isChanged = true;
    });
  },
  docker(words, plan) {
    plan.at(words.t, (world) => {
      world.hostFacts.publishes = [...(world.hostFacts.publishes ?? []), ...publishesOf(words)];
      world.isChanged = true;
    });
  },
  fw(words, plan) {
    plan.at(words.t, (world) => {
      filter(world, words);
      world.isChanged = true;
    });
  },
  serve(words, plan) {
    plan.at(words.t, (world) => {
      world.hostFacts.serves = routesOf(words.fields('json') ?? {});
      world.isChanged = true;
    });
  },
  coverage(words, plan) {
    plan.at(words.t, (world, at) => {
      lose(world, words, at);
      world.isChanged = true;
    });
  },
  alert_open(words, plan) {
    const severity = SEVERITIES.find((each) => each === words.textOr('sev', 'medium'));
    if (severity === undefined) throw new StepProblem(`alert_open: there is no severity ${words.text('sev')}`);
    plan.at(words.t, (world) => {
      world.openBefore.push({ ruleId: words.text('rule'), severity });
      world.isChanged = true;
    });
  },
};

function changeFile(world: World, words: StepWords, at: number): void {
  const path = words.text('path');
  if (/(?:^|\/)openclaw\.json$/.test(path)) {
    if (words.flag('reorder_only')) world.files.reorder(at);
    else if (words.step.text !== undefined) world.files.write(words.text('text'), at);
    else world.files.patch(fillIn(words.fields('patch') ?? {}, 0), at);
  } else if (path === '/etc/hosts') {
    for (const line of asList(words.step.add ?? [])) addHosts(world, line);
  } else if (path === '/etc/resolv.conf') {
    world.hostFacts.resolvers = asList(words.step.nameservers ?? words.step.add ?? []).map((line) =>
      line.replace(/^nameserver\s+/, ''),
    );
  }
  // Other files (HEARTBEAT.md, SOUL.md) are read by no collector: that they changed is no fact of a look.
}

/** `{"18789/tcp": [{HostIp: "0.0.0.0", HostPort: "18789"}]}` as the engine's API writes it. */
function publishesOf(words: StepWords): ContainerPublish[] {
  return Object.entries(words.fields('ports') ?? {}).flatMap(([port, bindings]) => {
    const match = /^(\d{1,5})\/(tcp|udp)$/.exec(port);
    if (match === null) throw new StepProblem(`docker: not a port: ${port.slice(0, 40)}`);
    return (Array.isArray(bindings) ? bindings : []).filter(isFields).map(
      (binding): ContainerPublish => ({
        container: words.textOr('name', 'openclaw'),
        image: words.textOr('image', 'openclaw:local'),
        hostAddress: String(binding.HostIp ?? ''),
        hostPort: Number(binding.HostPort),
        containerPort: Number(match[1]),
        protocol: match[2] as 'tcp' | 'udp',
        source: 'engine',
        netns: CONTAINER_NETNS,
        isOpenClaw: /claw/i.test(words.textOr('image', 'openclaw:local')),
      }),
    );
  });
}

function filter(world: World, words: StepWords): void {
  const decisions = world.firewall ?? [];
  const nat = /dport (\d+) -> ([\d.]+):(\d+)/.exec(words.textOr('nft_dnat', ''));
  if (nat !== null) {
    world.hostFacts.publishes = [
      ...(world.hostFacts.publishes ?? []),
      {
        container: words.textOr('name', 'openclaw'),
        hostAddress: '',
        hostPort: Number(nat[1]),
        containerPort: Number(nat[3]),
        protocol: 'tcp',
        source: 'nat rule',
        netns: CONTAINER_NETNS,
        isOpenClaw: true,
      },
    ];
  }
  const ufw = /^(deny|reject|allow)\s+(?:in\s+)?(\d+)/.exec(words.textOr('ufw', ''));
  const isPublished = words.step.docker_user !== undefined;
  const port = Number(ufw?.[2] ?? nat?.[1] ?? words.number('port', 18_789));
  const isOpen = isPublished ? words.textOr('docker_user', 'empty') === 'empty' : ufw?.[1] === 'allow';
  const said = ufw === null ? '' : `; ufw says "${words.text('ufw')}"`;
  for (const family of [4, 6] as const) {
    decisions.push({
      port,
      protocol: 'tcp',
      family,
      answer: words.textOr('answer', isOpen ? 'open' : 'closed') as 'open' | 'closed' | 'unknown',
      reason: isPublished ? `DOCKER-USER: ${words.text('docker_user')}${said}` : words.textOr('ufw', 'no rule'),
      by: isPublished ? 'Docker publish path' : words.textOr('by', 'ufw'),
    });
  }
  world.firewall = decisions;
}

/** What `tailscale serve status --json` prints. */
function routesOf(json: Record<string, unknown>): ServeRoute[] {
  const funnels = isFields(json.AllowFunnel) ? json.AllowFunnel : {};
  return Object.entries(isFields(json.Web) ? json.Web : {}).flatMap(([front, site]) => {
    const handlers = isFields(site) && isFields(site.Handlers) ? site.Handlers : {};
    return Object.entries(handlers).flatMap(([path, handler]) =>
      isFields(handler) && typeof handler.Proxy === 'string'
        ? [{ front, path, target: handler.Proxy, funnel: funnels[front] === true }]
        : [],
    );
  });
}

const LOST: Readonly<Record<string, TelemetryLoss['source']>> = {
  dns: 'names',
  sni: 'names',
  names: 'names',
  exec: 'kernel-events',
  process: 'kernel-events',
  processes: 'kernel-events',
  events: 'kernel-events',
  connect: 'kernel-events',
  tcp: 'kernel-events',
  udp: 'datagrams',
  datagrams: 'datagrams',
};

function sourceNamed(word: string): TelemetryLoss['source'] {
  const source = Object.hasOwn(LOST, word) ? LOST[word] : undefined;
  if (source === undefined) throw new StepProblem(`coverage: nothing is called "${word.slice(0, 40)}"`);
  return source;
}

function lose(world: World, words: StepWords, at: number): void {
  const why = words.textOr('cause', 'it stopped');
  for (const word of wordsIn(words, 'lost')) {
    const source = sourceNamed(word);
    const by = killerOf(world, words.textOr('killer', undefined));
    if (!world.lost.has(source)) world.lost.set(source, { source, sinceAt: at, why, ...(by !== undefined && { by }) });
    world.losses.push({ fromAt: at, toAt: at, source, why });
  }
  for (const word of wordsIn(words, 'back')) world.lost.delete(sourceNamed(word));
  if (words.step.active_opens_delta === undefined) return;
  const [opened, seen] = [words.number('active_opens_delta', 0), words.number('seen', 0)];
  const spanMs = words.number('win', 600) * 1000;
  world.coverage = {
    ...{ intervalMs: spanMs, opened, seen, owned: seen, named: 0 },
    lately: { spanMs, opened, seen },
  };
}

function wordsIn(words: StepWords, name: string): string[] {
  return words.step[name] === undefined ? [] : asList(words.step[name]);
}

/** Who is no process of the case (`user`, `oom-killer`) is told in the cause at most. */
function killerOf(world: World, word: string | undefined): ProcessFact[] | undefined {
  const killer = word === undefined ? undefined : (processNamed(world, word) ?? ofTree(world, word));
  if (killer === undefined) return undefined;
  return withParents(killer, new Map([...world.processes.all()].map((process) => [process.pid, process])));
}
