import type { ProcessKey } from './process.ts';

/** Inbound answer of the host's packet filter for one port and family. */
export interface FirewallDecision {
  port: number;
  protocol: 'tcp' | 'udp';
  family: 4 | 6;
  answer: 'closed' | 'open' | 'unknown';
  /** The rule that decides, quoted; or the right or tool that is missing. */
  reason: string;
  /** The packet filter's own name: `nftables`, `ufw`, `Docker publish path` … */
  by: string;
}

/** A port of a container that the host gives to the outside. */
export interface ContainerPublish {
  /** As the engine names it; raw. */
  container: string;
  image?: string;
  /** Address on the host; `''` and `0.0.0.0` mean all. */
  hostAddress: string;
  hostPort: number;
  containerPort: number;
  protocol: 'tcp' | 'udp';
  /** How it is known. */
  source: 'engine' | 'docker-proxy' | 'nat rule' | 'host network' | 'other forwarder';
  /** Network namespace of the container, where known. */
  netns?: string;
  /** The container is an OpenClaw one by image, label or the processes in it. */
  isOpenClaw?: boolean;
}

/** A route of `tailscale serve`. */
export interface ServeRoute {
  /** `host:port` as Tailscale writes it. */
  front: string;
  path: string;
  /** `http://127.0.0.1:18789`. */
  target: string;
  /** True: open to the internet. */
  funnel: boolean;
}

/** What a container may do to its host, as its engine or its own process shows it. */
export interface ContainerIsolation {
  /** As the engine names it; raw. */
  container: string;
  image?: string;
  /** Network namespace of the container, where known. */
  netns?: string;
  isOpenClaw?: boolean;
  /** A container in which OpenClaw runs tools, and not the gateway's own. */
  isSandbox?: boolean;
  source: 'engine' | 'process';
  privileged?: boolean;
  hostNetwork?: boolean;
  hostPid?: boolean;
  /** Container whose network it has joined; raw. */
  joinsNetworkOf?: string;
  /** Beyond the engine's defaults, as the kernel spells them: `CAP_NET_ADMIN`. */
  capabilities?: string[];
  /** Host paths of control sockets that it can write to: `/var/run/docker.sock`. */
  engineSockets?: string[];
}

/**
 * A program of this host that was seen connected to a port of a gateway over loopback and still runs. Visitors of a proxy
 * or a tunnel come and go; what it leads to stays.
 */
export interface Forwarder {
  process: ProcessKey;
  gatewayId: string;
  /** Port of the gateway's family that it was connected to. */
  port: number;
  /** Unix ms. */
  lastAt: number;
}

/** What decides, besides sockets, who can reach what. Each part is absent when nobody looked, with the reason in a blind spot. */
export interface HostFacts {
  firewall?: FirewallDecision[];
  publishes?: ContainerPublish[];
  serves?: ServeRoute[];
  /** A declared filter in front of the host: a cloud's security group that the user vouches for. */
  providerFirewall?: boolean;
  /** `Amazon EC2` and the like, from the machine's own identification. */
  cloudVendor?: string;
  /** Names of `/etc/hosts` that lead elsewhere than to this host, lower case. */
  hostsFile?: { name: string; address: string }[];
  resolvers?: string[];
  /** Those of `resolvers` that were not in use a day ago; absent where nobody remembers. */
  newResolvers?: string[];
  isolation?: ContainerIsolation[];
  /** Set by the engine, which remembers them between looks. */
  forwarders?: Forwarder[];
}
