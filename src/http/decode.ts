/**
 * UTF-8 text of a body, whatever the places at which it was cut: a character over two pieces waits for its end. Bytes
 * that are no UTF-8 become U+FFFD, as JSON readers do; the byte order mark is dropped.
 */
export async function* decodeText(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  for await (const piece of body) {
    const text = decoder.decode(piece, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

export async function wholeText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: string[] = [];
  for await (const part of decodeText(body)) parts.push(part);
  return parts.join('');
}
