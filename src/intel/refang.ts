/** Undoes the spellings in which indicators are passed on without being clickable: `hxxps`, `[.]`, `(.)`, `[:]`, `[dot]`. */
export function refang(text: string): string {
  return text
    .trim()
    .replace(/^hxxp(s?)(?=\[?:)/i, 'http$1')
    .replaceAll(/\[(?:\.|dot)\]|\(\.\)|\{\.\}/gi, '.')
    .replaceAll(/\[:(?:\/\/)?\]/g, (mark) => (mark.includes('/') ? '://' : ':'));
}
