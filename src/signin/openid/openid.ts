import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/open.ts';
import type { KeyRing } from './key-ring.ts';
import { createProvider } from './provider.ts';

/** The tenants' OpenID Providers, each made when it is first needed. */
export interface OpenidProviders {
  /** What answers requests to a tenant's provider, with the keys of now. */
  handlerOf(tenantId: string): Promise<OpenidHandler>;
}

export type OpenidHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Providers held at once; one takes some hundred kilobytes and is made anew in milliseconds. */
const PROVIDERS_MAX = 200;

export function createOpenidProviders(
  db: Database,
  config: Pick<Config, 'baseUrl'>,
  keyRing: KeyRing,
  onFault: (error: Error) => void,
): OpenidProviders {
  const providers = new LRUCache<string, { keyIds: string; handler: OpenidHandler }>({ max: PROVIDERS_MAX });
  return {
    async handlerOf(tenantId) {
      const keys = await keyRing.signingKeys(tenantId);
      // Also in their order: the first one signs.
      const keyIds = keys.map((key) => key.keyId).join();
      const held = providers.get(tenantId);
      if (held?.keyIds === keyIds) return held.handler;
      const handler = createProvider(db, config, tenantId, keys, onFault).callback();
      providers.set(tenantId, { keyIds, handler });
      return handler;
    },
  };
}
