// Asks faster than it may, with Microsoft's client, which waits as it is told. It tells what it got as JSON.
import { ClientSecretCredential } from '@azure/identity';
import { Client } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';

const { AUTOCLAIM_URL: url, AUTOCLAIM_TENANT: tenant } = process.env;
const { AUTOCLAIM_CLIENT_ID: clientId, AUTOCLAIM_CLIENT_SECRET: secret } = process.env;

const credential = new ClientSecretCredential(tenant, clientId, secret, {
  authorityHost: url,
  disableInstanceDiscovery: true,
});
const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: [`${url}/.default`] });
const graph = Client.initWithMiddleware({ authProvider, baseUrl: url, customHosts: new Set([new URL(url).hostname]) });

// What comes back, seen on the way.
let throttled = 0;
const asked = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const answer = await asked(...request);
  if (answer.status === 429) throttled += 1;
  return answer;
};

const begun = performance.now();
const ids = [];
const REQUESTS_MAX = 2_000;
const worker = async () => {
  while (throttled === 0 && ids.length < REQUESTS_MAX) {
    const place = ids.push(undefined) - 1;
    ids[place] = (await graph.api('/organization').get()).value[0].id;
  }
};
await Promise.all(Array.from({ length: 8 }, worker));
const seconds = (performance.now() - begun) / 1_000;
const isSame = new Set(ids).size === 1 && ids[0] !== undefined;
console.log(JSON.stringify({ answered: ids.length, isSame, throttled, seconds }));
