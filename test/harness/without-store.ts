import type { TestServer } from './server.ts';

/** Does something while the server's database answers nothing. */
export async function withoutStore<T>({ db: { pool, pipelined } }: TestServer, work: () => Promise<T>): Promise<T> {
  const broken = () => Promise.reject(Object.assign(new Error('Connection terminated'), { code: '57P01' }));
  /* eslint-disable @typescript-eslint/unbound-method -- put back as they were */
  const [query, piped] = [pool.query, pipelined.query];
  /* eslint-enable @typescript-eslint/unbound-method */
  Object.assign(pool, { query: broken });
  Object.assign(pipelined, { query: broken });
  try {
    return await work();
  } finally {
    Object.assign(pool, { query });
    Object.assign(pipelined, { query: piped });
  }
}
