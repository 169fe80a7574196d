/** Host names of the lab's internet. Real names stand for themselves there; no other name exists in it. */

/** The scripted model, as a provider with a name of its own. */
export const MODEL_NAME = 'model.test';

/** Last byte of each address, in 203.0.113.0/24. */
const LAST_BYTES: Readonly<Record<string, number>> = {
  'api.telegram.org': 20,
  'api.anthropic.com': 21,
  'any.npmjs.org': 22,
  'github.com': 23,
  'codeload.github.com': 24,
  'api.github.com': 25,
  'discord.com': 26,
  'gateway.discord.gg': 26,
  'clawhub.ai': 27,
  'telemetry.openclaw.ai': 28,
  'catalog.openclaw.ai': 29,
  'any.debian.org': 30,
  'huggingface.co': 31,
  'api.open-meteo.com': 32,
  [MODEL_NAME]: 33,
  'webhook.site': 40,
  'pastebin.com': 42,
  'skillmetrics.test': 70,
  'cdn-sync.test': 71,
  'notes-sync.test': 72,
  'agent-hub.test': 73,
  'up-eu.test': 74,
  'pages.test': 76,
};

export const LAB_NAMES: readonly string[] = Object.keys(LAST_BYTES);

/** Takes anything at the sinks' ports, and has no name. */
export const SINK_ADDRESS = '203.0.113.80';

/** Blocks in which all of these lie; each address of them answers. */
export const INTERNET_BLOCKS = ['203.0.113.16/28', '203.0.113.32/27', '203.0.113.64/26'] as const;

/** `undefined`: there is no such name. */
export function addressOf(name: string): string | undefined {
  const last = Object.hasOwn(LAST_BYTES, name) ? LAST_BYTES[name] : undefined;
  return last === undefined ? undefined : `203.0.113.${last}`;
}
