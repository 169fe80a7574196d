/** A host that developers' tools contact, with the ports at which they do. */
export type DevelopmentHost = readonly [pattern: string, ports: readonly number[]];

// 22 and 9418: git over ssh and its own protocol. 80: package mirrors that sign what they serve.
const GIT = [443, 22, 9418] as const;
const WEB = [443] as const;
const MIRROR = [443, 80] as const;

/**
 * Source hosts and package registries, expected of a shell command of the agent (role `exec`) and of nobody else: a
 * skill that fetches from GitHub is worth knowing. Reviewed 2026-11-20.
 */
export const DEVELOPMENT_HOSTS: readonly DevelopmentHost[] = [
  ['github.com', GIT],
  ['gitlab.com', GIT],
  ['bitbucket.org', GIT],
  ['api.github.com', WEB],
  ['codeload.github.com', WEB],
  ['objects.githubusercontent.com', WEB],
  ['raw.githubusercontent.com', WEB],
  ['*.npmjs.org', WEB],
  ['registry.yarnpkg.com', WEB],
  ['pypi.org', WEB],
  ['files.pythonhosted.org', WEB],
  ['static.crates.io', WEB],
  ['index.crates.io', WEB],
  ['rubygems.org', WEB],
  ['proxy.golang.org', WEB],
  ['sum.golang.org', WEB],
  ['*.debian.org', MIRROR],
  ['archive.ubuntu.com', MIRROR],
  ['security.ubuntu.com', MIRROR],
  ['*.ubuntu.com', MIRROR],
  ['nodejs.org', WEB],
  ['huggingface.co', WEB],
  ['cdn-lfs*.hf.co', WEB],
  ['registry.ollama.ai', WEB],
  ['hub.docker.com', WEB],
  ['registry-1.docker.io', WEB],
  ['ghcr.io', WEB],
];
