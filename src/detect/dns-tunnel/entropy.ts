/** Letters, digits and hyphen: what a label may hold where it is not written in a narrower alphabet. */
const HOST_NAME_SYMBOLS = 37;

/** Shannon entropy of the characters, bits for each. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let length = 0;
  for (const count of counts.values()) length += count;
  let bits = 0;
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

/**
 * Entropy as a share of the most that this alphabet and length allow, 0 to 1. Without that share, 32 hexadecimal digits
 * (3.6 bits each) would look more natural than the name of a server in a cluster (4.2 bits).
 */
export function normalisedEntropy(label: string): number {
  const text = label.toLowerCase();
  const most = Math.log2(Math.min(alphabetOf(text), text.length));
  return most > 0 ? Math.min(1, entropyOf(text) / most) : 0;
}

function alphabetOf(label: string): number {
  if (/^[0-9a-f]+$/.test(label)) return 16;
  return /^[a-z2-7]+$/.test(label) ? 32 : HOST_NAME_SYMBOLS;
}
