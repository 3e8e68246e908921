/** A message of PostgreSQL's protocol. */
export interface Frame {
  /** One letter; empty: the start of a connection. */
  readonly type: string;
  /** Its beginning, as text. */
  readonly text: string;
  readonly bytes: Buffer;
}

const TEXT_BYTES_MAX = 200;

/**
 * Takes a stream of PostgreSQL's protocol apart, chunk by chunk.
 * @param hasStart whether it begins with a message without a type, as a client's stream does
 */
export function framesOf(hasStart: boolean): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  let isStart = hasStart;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const typeBytes = isStart ? 0 : 1;
      if (rest.length < typeBytes + 4) return frames;
      const length = typeBytes + rest.readInt32BE(typeBytes);
      if (rest.length < length) return frames;
      const bytes = rest.subarray(0, length);
      frames.push({
        type: bytes.toString('latin1', 0, typeBytes),
        text: bytes.toString('latin1', typeBytes + 4, Math.min(length, TEXT_BYTES_MAX)),
        bytes,
      });
      rest = rest.subarray(length);
      isStart = false;
    }
  };
}
