import { fileURLToPath } from 'node:url';

/**
 * Where Node keeps what it has parsed (NODE_COMPILE_CACHE): a test run is some hundreds of processes that load the
 * same program, each with a second of processor time, of which this saves a third.
 */
export const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/compiled-tests', import.meta.url));
