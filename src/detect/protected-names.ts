/**
 * Hosts that carry prompts, keys, messages and programs, and that nobody has a reason to pin to an address of his own.
 * Exact names, and `*.` for whole labels below. From the vendors' documentation, 2026; a configured host of one's own is not
 * here, because those are pinned for good reasons.
 */
const PROTECTED: readonly string[] = [
  ...['openclaw.ai', '*.openclaw.ai', 'clawhub.ai', '*.clawhub.ai'],
  ...['api.anthropic.com', 'platform.claude.com', 'claude.ai', 'api.openai.com', 'chatgpt.com', 'auth.openai.com'],
  ...['openrouter.ai', 'generativelanguage.googleapis.com', 'oauth2.googleapis.com', 'api.x.ai', 'api.mistral.ai'],
  ...['api.deepseek.com', 'api.together.xyz', 'api.cerebras.ai', 'integrate.api.nvidia.com', 'router.huggingface.co'],
  ...['api.moonshot.ai', 'api.moonshot.cn', 'api.z.ai', 'api.venice.ai', 'api.deepinfra.com', '*.openai.azure.com'],
  ...['api.telegram.org', 'discord.com', 'gateway.discord.gg', 'slack.com', '*.slack.com', 'web.whatsapp.com'],
  ...['*.whatsapp.net', 'graph.microsoft.com', 'graph.facebook.com', 'open.feishu.cn', 'open.larksuite.com'],
  ...['api.line.me', 'chat.signal.org'],
  ...['github.com', 'api.github.com', 'codeload.github.com', 'raw.githubusercontent.com', 'gitlab.com'],
  ...[
    'npmjs.org',
    '*.npmjs.org',
    'registry.yarnpkg.com',
    'pypi.org',
    'files.pythonhosted.org',
    'crates.io',
    'index.crates.io',
  ],
  ...['static.crates.io', 'rubygems.org', 'proxy.golang.org', 'sum.golang.org', 'nodejs.org', 'huggingface.co'],
  ...['registry-1.docker.io', 'ghcr.io', 'registry.ollama.ai'],
];

const EXACT: ReadonlySet<string> = new Set(PROTECTED.filter((name) => !name.startsWith('*.')));
const BELOW: readonly string[] = PROTECTED.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));

/** Whether a host is protected; any spelling, a final dot allowed. */
export function isProtectedName(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.$/, '');
  return EXACT.has(plain) || BELOW.some((suffix) => plain.endsWith(suffix) && plain.length > suffix.length);
}
