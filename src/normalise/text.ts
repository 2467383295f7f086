/** Lower case, no accent, punctuation to single spaces: the form in which texts are compared, never shown. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** NFC, no-break and repeated spaces to one space, trimmed: the form in which texts are kept and shown. */
export function tidy(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\u00a0\u202f\u2007]+/g, ' ')
    .trim();
}
