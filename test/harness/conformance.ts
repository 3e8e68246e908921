import assert from 'node:assert/strict';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { beginSignIn, open, type AppClient, type BegunSignIn } from './app-client.ts';
import type { Browser, TestPerson } from './people.ts';
import type { TestServer } from './server.ts';

/** What a check of the conformance suite looks at: raw answers, as a stranger's client gets them. */
export interface RawTokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token?: string;
  readonly token_type: string;
  readonly expires_in: number;
}

/** A client of the suite: two are registered before it runs, as their plans for a static client have it. */
export function conformanceClient(server: TestServer, app: AppClient) {
  const metadata = app.config.serverMetadata();
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri!));
  const basic = `Basic ${Buffer.from(`${app.appId}:${encodeURIComponent(app.secret!)}`).toString('base64')}`;

  /** A token request, by client_secret_basic unless the form has a secret. */
  async function ask(form: Readonly<Record<string, string>>) {
    const isPost = 'client_secret' in form;
    const response = await fetch(metadata.token_endpoint!, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: isPost ? {} : { authorization: basic },
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as any };
  }

  async function redeem(begun: BegunSignIn, callback: URL, more: Readonly<Record<string, string>> = {}) {
    return ask({
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code')!,
      redirect_uri: app.redirectUri,
      code_verifier: begun.verifier,
      ...more,
    });
  }

  return {
    app,
    ask,
    redeem,
    /** An authorization request; its answer is where the browser ends: at the app, or at a page. */
    async authorize(person: TestPerson, parameters: Readonly<Record<string, string>> = {}, browser?: Browser) {
      const begun = await beginSignIn(app, parameters);
      return { begun, ...(await open(server, begun, person, browser)) };
    },
    /** The whole of it, which must succeed; the ID token is verified. */
    async run(person: TestPerson, parameters: Readonly<Record<string, string>> = {}, browser?: Browser) {
      const begun = await beginSignIn(app, parameters);
      const end = await open(server, begun, person, browser);
      assert.ok(end.callback, `${end.page?.status} ${end.page?.text}`);
      return {
        begun,
        callback: end.callback,
        browser: end.browser,
        ...(await this.finish(begun, end.callback, person)),
      };
    },
    /** What every module of the suite checks of a good answer. */
    async finish(begun: BegunSignIn, callback: URL, person: TestPerson, nonce: string | null = begun.nonce) {
      assert.equal(callback.searchParams.get('error'), null, callback.href);
      assert.equal(callback.searchParams.get('state'), begun.state);
      assert.equal(callback.searchParams.get('iss'), metadata.issuer);
      const { status, headers, body } = await redeem(begun, callback);
      assert.equal(status, 200, JSON.stringify(body));
      assert.match(headers.get('content-type')!, /^application\/json/);
      assert.match(headers.get('cache-control')!, /no-store/);
      const tokens = body as RawTokens;
      assert.equal(tokens.token_type, 'Bearer');
      assert.ok(tokens.expires_in > 0);
      const { claims, header } = await this.verify(tokens.id_token);
      assert.equal(claims.sub, person.id);
      assert.equal(claims['nonce'] ?? null, nonce);
      return { tokens, claims, header };
    },
    /** An ID token by OpenID Connect Core, 3.1.3.7. */
    async verify(idToken: string) {
      const { payload, protectedHeader } = await jwtVerify(idToken, keys, {
        issuer: metadata.issuer,
        audience: app.appId,
        algorithms: ['RS256'],
        requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
      });
      assert.match(payload.sub!, /^[\x21-\x7e]{1,255}$/);
      if (Array.isArray(payload.aud)) assert.equal(payload['azp'], app.appId);
      assert.ok(Math.abs(payload.iat! - Date.now() / 1_000) < 60);
      return { claims: payload, header: protectedHeader };
    },
    async userInfo(init: RequestInit) {
      const response = await fetch(metadata.userinfo_endpoint!, init);
      return { status: response.status, headers: response.headers, body: (await response.json()) as any };
    },
    async renew(refreshToken: string) {
      return ask({ grant_type: 'refresh_token', refresh_token: refreshToken });
    },
  };
}
