/** A text frame that is whole, of a message that is not compressed: FIN and the opcode 1 (RFC 6455, 5.2). */
const wholeText = 0x81;
/** Up to here, a payload's length is in the second byte; up to the other one in the two bytes that follow; else in eight. */
const shortMost = 125;
const mediumMost = 0xff_ff;

/**
 * Messages that begin alike as the frames in which a server sends them, which are not masked: all in one piece of memory, so that they
 * are one write.
 *
 * @param head UTF-8, as the tails
 */
export function frameTexts(head: Uint8Array, tails: readonly Uint8Array[]): Buffer {
  const bytes = tails.reduce((sum, tail) => sum + frameBytes(head.length + tail.length), 0);
  const frames = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const tail of tails) {
    at = writeHeader(frames, at, head.length + tail.length);
    frames.set(head, at);
    frames.set(tail, at + head.length);
    at += head.length + tail.length;
  }
  return frames;
}

function frameBytes(payload: number): number {
  if (payload <= shortMost) return 2 + payload;
  return (payload <= mediumMost ? 4 : 10) + payload;
}

/** @returns where the payload begins */
function writeHeader(frames: Buffer, at: number, payload: number): number {
  const afterOpcode = frames.writeUInt8(wholeText, at);
  if (payload <= shortMost) return frames.writeUInt8(payload, afterOpcode);
  if (payload <= mediumMost) return frames.writeUInt16BE(payload, frames.writeUInt8(126, afterOpcode));
  return frames.writeBigUInt64BE(BigInt(payload), frames.writeUInt8(127, afterOpcode));
}
