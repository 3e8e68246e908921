import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES_OF_ID = 16;
/** Random bytes are drawn for so many ids at once: drawn for each, they were most of what an id costs. */
const pool = new Uint8Array(BYTES_OF_ID * 256);
let used = pool.length;

const options = {
  rng(): Uint8Array {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += BYTES_OF_ID;
    return pool.subarray(used - BYTES_OF_ID, used);
  },
};

/** A new id (UUID version 7) for what every sign-in writes. */
export function newId(): string {
  return v7(options);
}
