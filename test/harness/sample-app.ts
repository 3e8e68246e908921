import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from './autoclaim-process.ts';
import type { World } from './world.ts';

/** The sample app as a program of its own, registered as an app of the tenant. */
export interface RunningSampleApp {
  readonly address: string;
  readonly appId: string;
  close(): Promise<void>;
}

/** Registers it, over the API, and runs it as its README tells. */
export async function runSampleApp(world: World, requiredServicePlanIds: readonly string[]): Promise<RunningSampleApp> {
  const port = await freePort();
  const address = `http://localhost:${port}`;
  const { appId } = await world.post('/applications', {
    displayName: 'Paint',
    requiredServicePlanIds,
    spa: { redirectUris: [`${address}/callback`, `${address}/`] },
  });
  const main = fileURLToPath(new URL('../../sample-app/main.ts', import.meta.url));
  const issuer = `${world.server.config.baseUrl}/${world.tenantId}/v2.0`;
  const child = spawn(process.execPath, [main, '--issuer', issuer, '--client-id', appId, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    address,
    appId,
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
