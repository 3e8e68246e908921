import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { cheapHash } from '../test/harness/people.ts';
import { signInToApp, type AppClient } from '../test/harness/app-client.ts';
import { Measurements } from './harness/measurements.ts';
import { startPostgresql } from './harness/postgresql.ts';
import { call, getToken, type ApiClient } from './organisation.ts';
import { startOurServer } from './our-server.ts';
import { insertPeople, nameOf } from './people.ts';
import type { Bench } from './run.ts';

/** So many people whose apps renew their tokens, each as soon as the last were there. */
const PEOPLE = 32;
const PASSWORD = 'the password of the bench';

/** A person's refresh token for an app: each is good once, and brings the next. */
interface Chain {
  refreshToken: string;
  idToken: string;
}

/**
 * The token endpoint of the OpenID Provider. Each refresh is a sign-in that is decided and noted; beside it,
 * the same people's refreshes for an app that requires no license, of which nothing is decided.
 */
export const tokens: Bench = async ({ repetitions, seconds, flags, started, say }) => {
  const postgresql = await startPostgresql(started);
  const { pool } = postgresql;
  const { client } = await startOurServer(started, postgresql, flags);
  await insertPeople(pool, client.tenantId, PEOPLE);
  await pool.query('update users set password_hash = $1', [await cheapHash(PASSWORD)]);
  const { licensed, free } = await setUpApps(client);
  say(`Signing in ${PEOPLE} people to two apps …`);
  const chains = {
    'tokens for a licensed person': { app: licensed, chains: await signInEverybody(client, licensed) },
    'tokens where no license is needed': { app: free, chains: await signInEverybody(client, free) },
  };
  const names = Object.keys(chains) as (keyof typeof chains)[];
  const measured = new Measurements();
  const run = async (name: keyof typeof chains, forSeconds: number) => {
    const { app, chains: all } = chains[name];
    const endsAt = performance.now() + forSeconds * 1_000;
    const times = (await Promise.all(all.map((chain) => renewUntil(app, chain, endsAt)))).flat();
    for (const { idToken } of all) {
      const hasLicense = 'licenses' in decodeJwt(idToken);
      if (hasLicense !== (app === licensed)) throw new Error(`An ID token of "${name}" is not as it should be.`);
    }
    return times.toSorted((one, other) => one - other);
  };
  for (const name of names) await run(name, 2);
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    // By turns, and in turns of half the time, so that what else the machine does meets both alike.
    const times = new Map(names.map((name) => [name, [] as number[]]));
    for (const name of [...names, ...names.toReversed()]) times.get(name)!.push(...(await run(name, seconds / 2)));
    for (const [name, all] of times) {
      all.sort((one, other) => one - other);
      measured.add(name, '/s', all.length / seconds);
      measured.addDetail(name, 'median', 'ms', all[Math.floor(all.length / 2)]!);
      measured.addDetail(name, 'p99', 'ms', all[Math.floor(all.length * 0.99)]!);
    }
    measured.addRatio(`${names[0]} / ${names[1]}`, names[0]!, names[1]!, { atLeast: 0.5 });
  }
  return {
    figures: measured.figures,
    notes: [
      `Refreshes of ${PEOPLE} people, one after another for each. The requests are made in this process, whose part is in both figures.`,
    ],
  };
};

async function renewUntil({ config, appId, secret }: AppClient, chain: Chain, endsAt: number): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < endsAt) {
    const begun = performance.now();
    const response = await fetch(config.serverMetadata().token_endpoint!, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: chain.refreshToken,
        client_id: appId,
        client_secret: secret!,
      }),
    });
    const answer = (await response.json()) as { refresh_token: string; id_token: string };
    if (response.status !== 200) throw new Error(`No tokens: ${response.status} ${JSON.stringify(answer)}`);
    times.push(performance.now() - begun);
    [chain.refreshToken, chain.idToken] = [answer.refresh_token, answer.id_token];
  }
  return times;
}

async function signInEverybody({ baseUrl }: ApiClient, app: AppClient): Promise<Chain[]> {
  const chains: Chain[] = [];
  const server = { url: baseUrl, config: { baseUrl } };
  for (let person = 0; person < PEOPLE; person += 1) {
    const credentials = { userPrincipalName: nameOf(person), password: PASSWORD };
    const { tokens: got } = await signInToApp(server, app, credentials, { scope: 'openid offline_access' });
    chains.push({ refreshToken: got.refresh_token!, idToken: got.id_token! });
  }
  return chains;
}

/** One app that requires a service plan, with seats and a policy for everyone; one that requires nothing. */
async function setUpApps(client: ApiClient): Promise<{ licensed: AppClient; free: AppClient }> {
  const token = await getToken(client);
  const post = (path: string, body: object) => call(client.baseUrl, token, 'POST', path, body);
  const [skuId, servicePlanId] = [randomUUID(), randomUUID()];
  const plan = { servicePlanId, servicePlanName: 'SUITE' };
  await post('/admin/products', { skuId, skuPartNumber: 'SUITE', displayName: 'Suite', servicePlans: [plan] });
  await post('/directory/subscriptions', { skuId, totalLicenses: PEOPLE });
  const addApp = async (displayName: string, requiredServicePlanIds: readonly string[]): Promise<AppClient> => {
    const redirectUri = 'https://app.bench.example/signed-in';
    const app = await post('/applications', {
      displayName,
      web: { redirectUris: [redirectUri] },
      requiredServicePlanIds,
    });
    const { secretText: secret } = await post(`/applications/${app.id}/addPassword`, {});
    const issuer = new URL(`${client.baseUrl}/${client.tenantId}/v2.0`);
    const config = await oidc.discovery(issuer, app.appId, undefined, oidc.ClientSecretPost(secret), {
      execute: [oidc.allowInsecureRequests],
    });
    return { id: app.id, appId: app.appId, displayName, redirectUri, secret, config };
  };
  const licensed = await addApp('Licensed', [servicePlanId]);
  const policy = { displayName: 'Suite for everyone', appId: licensed.appId, products: [{ skuId }] };
  await post('/policies/autoClaimPolicies', policy);
  await call(client.baseUrl, token, 'PATCH', '/admin/autoClaim', { isEnabled: true });
  return { licensed, free: await addApp('Free', []) };
}
