/** How sure a published indicator is: A confirmed by a primary source, B reported. */
export type IndicatorTier = 'A' | 'B';

/** A published sign of malice. */
export interface Indicator {
  value: string;
  type: 'ip' | 'ip:port' | 'domain' | 'url' | 'cidr';
  tier: IndicatorTier;
  /** Unix ms. */
  firstSeenAt: number;
  sourceUrl: string;
  /** What it belongs to: "ClawHavoc delivery". */
  note?: string;
}

export interface IndicatorMatch {
  indicator: Indicator;
  /** Old: it lowers the severity, and it is dropped at the next step. */
  aged: boolean;
}

/** Kinds of hosts that matter by what they are for. */
export type HostCategory =
  | 'webhook'
  | 'automation'
  | 'paste'
  | 'filedrop'
  | 'tunnel'
  | 'tunnel-control'
  | 'dyndns'
  | 'platform'
  | 'doh'
  | 'mining'
  | 'chat'
  | 'tor'
  | 'popular'
  | 'installer'
  | 'brand';

/** Lists in force. Nothing in them is ever resolved or contacted. */
export interface Indicators {
  /** Matches of an end; names and addresses in canonical form. */
  match(end: { address?: string; port?: number; name?: string; url?: string }): IndicatorMatch[];
  /** Categories of a host name or address. */
  categoriesOf(end: { name?: string; address?: string; port?: number }): readonly HostCategory[];
  /** Date of the data, Unix ms. */
  datedAt: number;
}
