/** The other side has sent more than it may. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
}

/**
 * The text of a response, of which no more than a limit is ever held. Counted as it arrives and after it was decompressed,
 * because what a response says of its length need not be true.
 *
 * @throws BodyTooLargeError, after the connection was given up; what reading throws
 */
export async function readText(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new BodyTooLargeError(`A body of more than ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
