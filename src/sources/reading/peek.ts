/**
 * Reads up to `size` first bytes and closes the iterator: bytes are stored, whoever needs them again starts again.
 * @returns the bytes, and whether they are the whole content.
 */
export async function readHead(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ readonly head: Buffer; readonly complete: boolean }> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > size) return { head: Buffer.concat(chunks).subarray(0, size), complete: false };
  }
  return { head: Buffer.concat(chunks), complete: true };
}
