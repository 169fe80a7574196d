import { canonicalHostName } from '../types/host-name.ts';
import type { Indicators } from '../types/indicators.ts';
import { canonicalAddress } from '../types/ip.ts';
import { refang } from './refang.ts';
import { parseBadUrl } from './url.ts';

type End = Parameters<Indicators['match']>[0];

/** Address, `address:port`, domain, `domain:port` or URL as a person writes it, also defanged; `undefined` for others. */
export function parseQuestion(written: string): End | undefined {
  if (written.length > 2048) return undefined;
  const text = refang(written);
  if (text.includes('://')) {
    const url = parseBadUrl(text);
    return url && { url: text, port: url.port, ...hostOf(url.host) };
  }
  const whole = hostOf(text.replace(/^\[(.*)\]$/, '$1'));
  if (whole !== undefined) return whole;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = hostOf(bracketed ?? plain ?? '');
  const number = Number(port);
  return host === undefined || number < 1 || number > 65_535 ? undefined : { ...host, port: number };
}

function hostOf(text: string): Pick<End, 'address' | 'name'> | undefined {
  const address = canonicalAddress(text);
  if (address !== undefined) return { address };
  const name = canonicalHostName(text);
  return name?.includes('.') ? { name } : undefined;
}
