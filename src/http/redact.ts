const SECRET_NAMES =
  /^(authorization|proxy-authorization|cookie|set-cookie|access_token|refresh_token|id_token|token|client_secret|client_assertion|secret|password|passwd|pass|pwd|passphrase|sslpassword|access[_-]?key|auth|api[_-]?key|key|sig|signature|x-amz-.*)$/i;

export const MASK = '***';

/** URL fit for a log or an error: no user, no password, no secret query value, no fragment. */
export function redactUrl(text: string): string {
  if (!URL.canParse(text)) return redactText(text);
  const url = new URL(text);
  url.hash = '';
  if (url.username !== '' || url.password !== '') {
    url.username = MASK;
    url.password = '';
  }
  for (const name of [...url.searchParams.keys()])
    if (SECRET_NAMES.test(name)) url.searchParams.set(name, MASK);
  return url.href;
}

/** Characters of a free text; the longest honest answer of a server, with a line for each issue, has some thousands. */
const LONGEST_TEXT = 50_000;

/**
 * Free text (an answer quoted in an error) without bearer tokens, JWTs, values of secret-looking fields, nor e-mail
 * addresses: a server that names who is to be asked names a person. What is beyond the bound goes. No expression
 * looks from each sign of a text through all the others: 64 bytes at most stand before `@` (RFC 5321).
 */
export function redactText(text: string): string {
  return shortened(text)
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, `$1 ${MASK}`)
    .replace(/\beyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?)?/g, MASK)
    .replace(
      /("?(?:access_token|refresh_token|id_token|client_secret|client_assertion|password)"?\s*[:=]\s*)("[^"]*"|[^\s&,;}]+)/gi,
      `$1${MASK}`,
    )
    .replace(/[\p{L}\p{N}._%+-]{1,200}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, MASK);
}

/** Cut between two words: half an address is not known for one. */
function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return `${text.slice(0, Math.max(0, text.lastIndexOf(' ', LONGEST_TEXT)))}…`;
}
