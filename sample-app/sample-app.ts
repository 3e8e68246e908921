import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import * as oidc from 'openid-client';
import { Cookies } from './cookies.ts';
import { messagePage, signedInPage, signedOutPage, type Links } from './pages.ts';

/** What the app was told when it was registered, and where it is. */
export interface SampleAppOptions {
  /** Such as http://localhost:8365/<tenant id>/v2.0. */
  readonly issuer: string;
  readonly clientId: string;
  /** Without a slash at the end. `<address>/callback` and `<address>/` are its redirect URIs. */
  readonly address: string;
}

/** Answers a request to the app's address or below it. */
export type SampleApp = (request: Request) => Promise<Response>;

/** What the app knows of the provider, found once. */
interface Provider {
  readonly config: oidc.Configuration;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
}

/**
 * An app that keeps no secret: it proves by PKCE that whoever brings the code is who asked for it.
 * The ID token tells who has signed in, and with which license.
 */
export function createSampleApp({ issuer, clientId, address }: SampleAppOptions): SampleApp {
  const cookies = new Cookies(address);
  const root = new URL(address).pathname.replace(/\/$/, '');
  const callback = `${address}/callback`;
  const links: Links = { address, adminCenter: new URL(issuer).origin };
  let discovered: Promise<Provider> | undefined;

  /** Tried again at the next request where the provider didn't answer. */
  function discover(): Promise<Provider> {
    discovered ??= discoverProvider(issuer, clientId).catch((error: unknown) => {
      discovered = undefined;
      throw error;
    });
    return discovered;
  }

  async function home(request: Request): Promise<Response> {
    const idToken = cookies.idToken(request);
    const person = idToken && (await verify(idToken));
    return page(200, person ? signedInPage(links, person) : signedOutPage(links));
  }

  async function begin(): Promise<Response> {
    const { config } = await discover();
    const begun = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const provider = oidc.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid profile email',
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
    });
    return redirect(provider.href, cookies.setBegun(begun));
  }

  async function finish(request: Request): Promise<Response> {
    const begun = cookies.begun(request);
    const answer = new URL(callback + new URL(request.url).search);
    if (!begun || answer.searchParams.get('state') !== begun.state) {
      return page(400, messagePage(links, 'This sign-in was begun in another browser, or too long ago.'));
    }
    try {
      const { config } = await discover();
      const tokens = await oidc.authorizationCodeGrant(config, answer, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      });
      return redirect(`${address}/`, cookies.setIdToken(tokens.id_token!), cookies.clear('begun'));
    } catch (error) {
      if (error instanceof oidc.AuthorizationResponseError) {
        const told = error.error_description ?? error.error;
        return page(403, messagePage(links, `You weren’t let in: ${told}`), cookies.clear('begun'));
      }
      // A code that is used or made up, an answer of another provider, a token that isn't for this sign-in.
      if (error instanceof oidc.ResponseBodyError || error instanceof oidc.ClientError) {
        return page(400, messagePage(links, 'This sign-in was finished already, or took too long.'));
      }
      throw error;
    }
  }

  async function signOut(request: Request): Promise<Response> {
    const idToken = cookies.idToken(request);
    if (!idToken) return redirect(`${address}/`);
    const { config } = await discover();
    const parameters = { id_token_hint: idToken, post_logout_redirect_uri: `${address}/` };
    return redirect(oidc.buildEndSessionUrl(config, parameters).href, cookies.clear('idToken'));
  }

  /** Cookies come from a browser: the token in it counts as long as its signature, issuer, audience and time do. */
  async function verify(idToken: string): Promise<JWTPayload | undefined> {
    const { keys } = await discover();
    try {
      return (await jwtVerify(idToken, keys, { issuer, audience: clientId })).payload;
    } catch {
      return undefined;
    }
  }

  return async (request) => {
    const { method, url } = request;
    const path = new URL(url).pathname.slice(root.length).replace(/^\/$/, '');
    try {
      if (method === 'GET' && path === '') return await home(request);
      if (method === 'GET' && path === '/sign-in') return await begin();
      if (method === 'GET' && path === '/callback') return await finish(request);
      if (method === 'POST' && path === '/sign-out') return await signOut(request);
      return page(404, messagePage(links, 'There is no such page.'));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return page(502, messagePage(links, `The sample app gets no answer from ${issuer} (${reason}).`));
    }
  };
}

async function discoverProvider(issuer: string, clientId: string): Promise<Provider> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- for trying it out on one machine
  const allow = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
  const config = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
    execute: allow,
  });
  return { config, keys: createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri!)) };
}

function page(status: number, html: string, ...cookies: string[]): Response {
  return answer(status, { 'content-type': 'text/html; charset=utf-8' }, cookies, html);
}

function redirect(location: string, ...cookies: string[]): Response {
  return answer(303, { location }, cookies);
}

function answer(status: number, headers: Record<string, string>, cookies: readonly string[], body?: string): Response {
  const response = new Response(body, { status, headers: { ...headers, 'cache-control': 'no-store' } });
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}
