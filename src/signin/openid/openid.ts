import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Provider as OpenidProvider } from 'oidc-provider';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/open.ts';
import type { SignInBatches } from '../../engine/claim/batch.ts';
import type { KeyRing } from './key-ring.ts';
import { createProvider } from './provider.ts';

/** The tenants' OpenID Providers, each made when it is first needed. */
export interface OpenidProviders {
  /** What answers requests to a tenant's provider, with the keys of now. */
  handlerOf(tenantId: string): Promise<OpenidHandler>;
  /** The provider itself, for the pages of its interactions. */
  providerOf(tenantId: string): Promise<OpenidProvider>;
}

export type OpenidHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface HeldProvider {
  readonly keyIds: string;
  readonly provider: OpenidProvider;
  readonly handler: OpenidHandler;
}

/** Providers held at once; one takes some hundred kilobytes and is made anew in milliseconds. */
const PROVIDERS_MAX = 200;

export function createOpenidProviders(
  { db, signIns }: { readonly db: Database; readonly signIns: SignInBatches },
  config: Pick<Config, 'baseUrl'>,
  keyRing: KeyRing,
  onFault: (error: Error) => void,
): OpenidProviders {
  const providers = new LRUCache<string, HeldProvider>({ max: PROVIDERS_MAX });

  async function find(tenantId: string): Promise<HeldProvider> {
    const keys = await keyRing.signingKeys(tenantId);
    // Also in their order: the first one signs.
    const keyIds = keys.map((key) => key.keyId).join();
    const held = providers.get(tenantId);
    if (held?.keyIds === keyIds) return held;
    const provider = createProvider({ db, signIns, tenantId }, config, keys, onFault);
    const made = { keyIds, provider, handler: provider.callback() };
    providers.set(tenantId, made);
    return made;
  }

  return {
    handlerOf: async (tenantId) => (await find(tenantId)).handler,
    providerOf: async (tenantId) => (await find(tenantId)).provider,
  };
}
