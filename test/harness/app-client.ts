import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as oidc from 'openid-client';
import { openBrowser, type Browser, type ServerAddress, type TestPerson } from './people.ts';
import type { World } from './world.ts';

/** An app that signs people in, as its maker would write it: with openid-client, knowing the issuer alone. */
export interface AppClient {
  /** The object id. */
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly redirectUri: string;
  readonly secret: string | undefined;
  readonly config: oidc.Configuration;
}

/** What a person types. */
type Credentials = Pick<TestPerson, 'userPrincipalName' | 'password'>;

/** A sign-in that an app has begun. */
export interface BegunSignIn {
  readonly address: URL;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** Registers an app of a kind, over the API, and discovers the provider as the app. */
export async function addAppClient(
  world: World,
  kind: 'web' | 'spa' | 'publicClient',
  more: { readonly requiredServicePlanIds?: readonly string[]; readonly redirectUri?: string } & Record<
    string,
    unknown
  > = {},
): Promise<AppClient> {
  const { redirectUri = 'https://app.contoso.example/signed-in', ...rest } = more;
  const app = await world.post('/applications', {
    displayName: `App ${randomUUID()}`,
    [kind]: { redirectUris: [redirectUri] },
    ...rest,
  });
  const secret =
    kind === 'web' ? ((await world.post(`/applications/${app.id}/addPassword`, {})).secretText as string) : undefined;
  const { server, tenantId } = world;
  const config = await oidc.discovery(
    new URL(`${server.url}/${tenantId}/v2.0`),
    app.appId,
    undefined,
    secret === undefined ? oidc.None() : oidc.ClientSecretPost(secret),
    { execute: [oidc.allowInsecureRequests] },
  );
  return { id: app.id, appId: app.appId, displayName: app.displayName, redirectUri, secret, config };
}

/** The address at which the app sends the browser to the provider. */
export async function beginSignIn(
  { config, redirectUri }: AppClient,
  parameters: Readonly<Record<string, string>> = {},
): Promise<BegunSignIn> {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { address, verifier, state, nonce };
}

/** Goes through redirects until they lead away to the app, or a page comes. */
export async function goOn(browser: Browser, server: ServerAddress, first: Response, from: string) {
  let [response, url] = [first, from];
  for (let hops = 0; hops < 10; hops += 1) {
    const location = response.headers.get('location');
    if (location === null) return { page: { url, status: response.status, text: await response.text() } };
    url = new URL(location, url).href;
    if (!url.startsWith(server.config.baseUrl) && !url.startsWith(server.url)) return { callback: new URL(url) };
    response = await browser.get(url);
  }
  throw new Error('Too many redirects');
}

/** A person opens the app: types the password where asked; ends at the app or at a page. */
export async function open(
  server: ServerAddress,
  begun: BegunSignIn,
  person: Credentials,
  browser = openBrowser(server),
) {
  const first = await goOn(browser, server, await browser.get(begun.address.href), begun.address.href);
  if (!first.page?.url.includes('/sign-in/')) return { browser, ...first };
  const { userPrincipalName: userName, password } = person;
  const { url } = first.page;
  return { browser, ...(await goOn(browser, server, await browser.post(url, { userName, password }), url)) };
}

/** The whole of it: the tokens that the app gets for a person. */
export async function signInToApp(
  server: ServerAddress,
  app: AppClient,
  person: Credentials,
  parameters: Readonly<Record<string, string>> = {},
  browser?: Browser,
) {
  const begun = await beginSignIn(app, parameters);
  const end = await open(server, begun, person, browser);
  assert.ok(end.callback, `${end.page?.url} ${end.page?.text}`);
  const tokens = await oidc.authorizationCodeGrant(app.config, end.callback, {
    pkceCodeVerifier: begun.verifier,
    expectedState: begun.state,
    expectedNonce: begun.nonce,
  });
  return { tokens, browser: end.browser, callback: end.callback };
}
