import type { PackEntry } from '../pack.ts';

/** When the bundled pack was put together, and from what. Facts of public reports; no list of anybody's was copied. */
export const BUNDLED_REVIEW = { name: 'bundled', datedAt: '2026-11-20', licence: 'MIT' } as const;

const KOI =
  'https://www.koi.ai/blog/clawhavoc-341-malicious-clawedbot-skills-found-by-the-bot-they-were-targeting' as const;
const HUNTRESS = 'https://www.huntress.com/blog/openclaw-github-ghostsocks-infostealer' as const;
const MALTRAIL = 'https://github.com/stamparm/maltrail/blob/master/trails/static/malware/osx_atomic.txt' as const;
const CLAWHUB_152 = 'https://github.com/openclaw/clawhub/issues/152' as const;
const SWARM = 'https://vibegraveyard.ai/story/clawswarm-clawhub-agent-crypto-recruitment/' as const;

type Row = readonly [
  value: string,
  type: PackEntry['type'],
  tier: 'A' | 'B',
  firstSeen: string,
  source: string,
  note: string,
];

// Defanged in this text, so that no tool that reads sources opens one of them by accident; put right in memory only.
const ROWS: readonly Row[] = [
  ['91[.]92[.]242[.]30', 'ip', 'A', '2026-02-01', KOI, 'ClawHavoc: delivery of AMOS'],
  [
    '54[.]91[.]154[.]110:13338',
    'ip:port',
    'A',
    '2026-02-01',
    CLAWHUB_152,
    'reverse shell of a skill of the polymarket cluster',
  ],
  ['202[.]161[.]50[.]59', 'ip', 'A', '2026-02-01', MALTRAIL, 'AMOS infrastructure'],
  ['socifiapp[.]com', 'domain', 'A', '2026-02-16', MALTRAIL, 'uploads of AMOS'],
  ['serverconect[.]cc', 'domain', 'A', '2026-03-04', HUNTRESS, 'fake OpenClaw installers'],
  ['185[.]196[.]9[.]98:56001', 'ip:port', 'A', '2026-03-04', HUNTRESS, 'configuration host of an infostealer'],
  ['193[.]202[.]84[.]14:56001', 'ip:port', 'A', '2026-03-04', HUNTRESS, 'configuration host of an infostealer'],
  ['onlyflies[.]buzz', 'domain', 'A', '2026-04-28', SWARM, 'ClawSwarm: agents register and check in every four hours'],
  ['openclaw-installer[.]com', 'domain', 'A', '2026-03-04', HUNTRESS, 'fake OpenClaw installer'],
  // Known for decoys only: the lure names them while the payload comes from elsewhere.
  ['app-distribution[.]net', 'domain', 'B', '2026-02-01', KOI, 'named by the lure of ClawHavoc'],
  ['setup-service[.]com', 'domain', 'B', '2026-02-01', KOI, 'named by the lure of ClawHavoc'],
  ['repo[.]packages[.]io', 'domain', 'B', '2026-02-01', KOI, 'named by the lure of ClawHavoc'],
  ['95[.]92[.]242[.]30', 'ip', 'B', '2026-02-01', KOI, 'printed in a report, perhaps a misprint'],
  ['96[.]92[.]242[.]30', 'ip', 'B', '2026-02-01', KOI, 'printed in a report, perhaps a misprint'],
  ['laosji[.]net', 'domain', 'B', '2026-02-16', MALTRAIL, 'AMOS infrastructure'],
  ['letssendit[.]fun', 'domain', 'B', '2026-02-16', MALTRAIL, 'AMOS infrastructure'],
  ['dropras[.]xyz', 'domain', 'B', '2026-02-16', MALTRAIL, 'GhostLoader and Remcos'],
  ['dropra[.]xyz', 'domain', 'B', '2026-02-16', MALTRAIL, 'GhostLoader and Remcos'],
  ['official-stake[.]com', 'domain', 'B', '2026-02-16', MALTRAIL, 'AMOS infrastructure'],
  ['trackpipe[.]dev', 'domain', 'B', '2026-03-09', MALTRAIL, 'GhostClaw: control host of an npm package'],
  ['openclawcli[.]vercel[.]app', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake OpenClaw installer'],
  ['openclawcli[.]forum', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake OpenClaw installer'],
  ['hxxps://glot[.]io/snippets/hfd3x9ueu5', 'url', 'B', '2026-02-01', KOI, 'first stage of ClawHavoc on a paste site'],
  ['moltbotskills[.]app', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake skill directory'],
  ['openciaw[.]top', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake skill directory'],
  ['opencllaw[.]digital', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake skill directory'],
  ['molltbot[.]online', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake skill directory'],
  ['openclaw[.]update-version[.]com', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake update'],
  ['openclaw[.]install-files[.]com', 'domain', 'B', '2026-02-16', MALTRAIL, 'fake installer'],
];

// Back-connect helpers of GhostSocks, all on 443: many addresses of rented servers, so each counts with its port only.
const GHOSTSOCKS = `
121[.]127[.]33[.]212 144[.]31[.]123[.]157 144[.]31[.]139[.]201 144[.]31[.]139[.]203 144[.]31[.]204[.]136
144[.]31[.]204[.]145 147[.]45[.]197[.]92 172[.]245[.]112[.]202 193[.]143[.]1[.]155 193[.]143[.]1[.]160 193[.]23[.]211[.]29
194[.]28[.]225[.]230 206[.]245[.]157[.]177 64[.]188[.]70[.]194 77[.]239[.]120[.]249 77[.]239[.]121[.]3 84[.]201[.]4[.]120
87[.]251[.]87[.]137
`;

/** The entries as a pack holds them, still defanged. `bore[.]pub:44876` is left out: a port there has another user a day later. */
export function bundledEntries(): PackEntry[] {
  const helpers = GHOSTSOCKS.trim()
    .split(/\s+/)
    .map(
      (address): Row => [`${address}:443`, 'ip:port', 'A', '2026-03-04', HUNTRESS, 'GhostSocks back-connect helper'],
    );
  return [...ROWS, ...helpers].map(([value, type, tier, first_seen, source_url, note]) => ({
    value,
    type,
    tier,
    first_seen,
    source_url,
    note,
  }));
}

/**
 * Values that go round in copied lists and are made up, garbled or somebody else's. Refused whoever names them: a test
 * network, a well-known scan target, parked domains, and addresses in the block of a real one that nobody has shown bad.
 */
export const DISPUTED = `
198[.]51[.]100[.]78 45[.]33[.]32[.]100 103[.]224[.]212[.]44 185[.]29[.]10[.]88 91[.]109[.]176[.]41 91[.]92[.]242[.]39
91[.]92[.]242[.]100 brick-house[.]org
`;
