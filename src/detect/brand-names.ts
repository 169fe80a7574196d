/** Registrable domains that belong to whom they seem to. Reviewed 2026-11-20; hosts of the user's own configuration come on top. */
export const OFFICIAL_DOMAINS: ReadonlySet<string> = new Set(
  `
openclaw.ai clawhub.ai clawhub.com clawd.bot clawdhub.com molt.bot opencode.ai
anthropic.com claude.ai claude.com openai.com chatgpt.com openrouter.ai x.ai mistral.ai deepseek.com together.xyz cerebras.ai
nvidia.com huggingface.co hf.co moonshot.ai moonshot.cn minimax.io minimaxi.com z.ai venice.ai chutes.ai deepinfra.com
perplexity.ai tavily.com exa.ai firecrawl.dev elevenlabs.io deepgram.com brave.com duckduckgo.com ollama.com ollama.ai
telegram.org telegram.me discord.com discordapp.com discord.gg discord.media slack.com whatsapp.com whatsapp.net signal.org
feishu.cn larksuite.com dingtalk.com line.me matrix.org microsoft.com google.com googleapis.com
github.com githubusercontent.com github.io github.dev gitlab.com bitbucket.org npmjs.org npmjs.com yarnpkg.com pypi.org
pythonhosted.org crates.io rubygems.org golang.org nodejs.org docker.com docker.io ghcr.io
`
    .trim()
    .split(/\s+/),
);

/**
 * Labels of which a small change is no accident. Short ones (docker, google, ollama) are left out: too many honest words
 * are one letter away from them; they are compared by their looks alone.
 */
export const DISTINCT_LABELS: readonly string[] = `
openclaw clawhub clawdbot moltbot anthropic openai chatgpt openrouter mistral deepseek cerebras minimax moonshot huggingface
perplexity firecrawl elevenlabs deepgram telegram discord whatsapp larksuite dingtalk github bitbucket microsoft googleapis
githubusercontent pythonhosted rubygems yarnpkg duckduckgo
`
  .trim()
  .split(/\s+/);

/** Names whose owner is not found under another top-level domain, and which lures carry in one word with a bait. */
export const BRANDS: readonly string[] = ['openclaw', 'clawhub', 'clawdbot', 'moltbot', 'anthropic', 'openai'];

/** Brands of which a look-alike concerns the whole machine: their fake installers are run by the user. */
export const OWN_BRANDS: ReadonlySet<string> = new Set(['openclaw', 'clawhub', 'clawdbot', 'moltbot']);

/** What a lure puts beside the name. */
export const BAITS =
  /install|setup|update|upgrade|download|cli(?:$|[^m])|agent|skill|login|signin|verify|support|wallet|desktop/;

/** Honest names that are one step away from a label above; reviewed by hand. */
export const HONEST_NEIGHBOURS: ReadonlySet<string> = new Set([
  'openapi', // the interface description
  'telegraf', // a library for bots, and a collector of metrics
  'telegraph',
  'discard',
  'discords',
  'moonshots',
  'opencl',
  'mistrals',
  'githubs',
]);
