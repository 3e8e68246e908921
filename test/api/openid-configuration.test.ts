import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';

// By hand, what the OpenID Foundation's conformance suite checks of a provider's configuration: the
// plan Config OP (oidcc-config-certification-test-plan). Its one module is
// oidcc-discovery-endpoint-verification; each test here is one of its conditions.

const BASE = 'https://licenses.contoso.example';

let server: TestServer;
let answer: { status: number; type: string };
let configuration: Record<string, any>;
let keys: Record<string, unknown>[];
before(async () => {
  server = await startTestServer({ config: { baseUrl: BASE } });
  const get = async (address: string) => fetch(address.replace(BASE, server.url));
  const response = await get(`${BASE}/${server.tenantId}/v2.0/.well-known/openid-configuration`);
  answer = { status: response.status, type: response.headers.get('content-type')! };
  configuration = (await response.json()) as Record<string, any>;
  keys = ((await (await get(configuration['jwks_uri'])).json()) as { keys: Record<string, unknown>[] }).keys;
});
after(() => server.close());

describe('oidcc-discovery-endpoint-verification', () => {
  it('is JSON', () => {
    assert.equal(answer.status, 200);
    assert.match(answer.type, /^application\/json\b/);
  });

  it('CheckDiscEndpointIssuer: the address without what is well-known, and a plain https address', () => {
    assert.equal(configuration['issuer'], `${BASE}/${server.tenantId}/v2.0`);
    const { search, hash } = new URL(configuration['issuer']);
    assert.deepEqual([search, hash], ['', '']);
  });

  for (const [what, name, expected] of [
    ['OIDCCCheckDiscEndpointResponseTypesSupported', 'response_types_supported', ['code']],
    ['CheckDiscEndpointSubjectTypesSupported', 'subject_types_supported', ['public']],
    ['OIDCCCheckDiscEndpointIdTokenSigningAlgValuesSupported', 'id_token_signing_alg_values_supported', ['RS256']],
    [
      'CheckDiscEndpointScopesSupportedContainsOpenId',
      'scopes_supported',
      ['email', 'offline_access', 'openid', 'profile'],
    ],
    ['EnsureServerConfigurationCodeChallengeMethodsSupportedIsAnArray', 'code_challenge_methods_supported', ['S256']],
    ['CheckDiscEndpointClaimsParameterSupported', 'claims_parameter_supported', true],
    ['CheckDiscEndpointRequestUriParameterSupported', 'request_uri_parameter_supported', false],
    [
      'CheckDiscEndpointRequestParameterSupported: false where it isn’t there',
      'request_parameter_supported',
      undefined,
    ],
    ['CheckDiscEndpointRegistrationEndpoint: none, since admins register apps', 'registration_endpoint', undefined],
  ] as const) {
    it(what, () => {
      const value: unknown = configuration[name];
      assert.deepEqual(Array.isArray(value) ? value.toSorted() : value, expected);
    });
  }

  it('OIDCCCheckDiscEndpointGrantTypesSupported', () => {
    for (const grant of ['authorization_code', 'refresh_token']) {
      assert.ok(configuration['grant_types_supported'].includes(grant));
    }
  });

  it('OIDCCCheckDiscEndpointClaimsSupported', () => {
    const told = ['sub', 'name', 'preferred_username', 'given_name', 'family_name', 'email', 'licenses'];
    for (const claim of told) assert.ok(configuration['claims_supported'].includes(claim), claim);
  });

  it('CheckDiscEndpointAllEndpointsAreHttps, in the tenant’s own paths', () => {
    const addresses = Object.entries(configuration).filter(([name]) => /_(endpoint|uri)$/.test(name));
    for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'end_session_endpoint']) {
      assert.ok(configuration[name], name);
    }
    for (const [name, address] of addresses) {
      assert.ok(String(address).startsWith(`${BASE}/${server.tenantId}/`), name);
    }
  });

  it('CheckJwksUri, ValidateServerJWKs: public RSA keys, each for signing, with an id of its own', () => {
    assert.ok(keys.length > 0);
    for (const key of keys) {
      assert.deepEqual([key['kty'], key['use'], key['alg']], ['RSA', 'sig', 'RS256']);
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.equal(secret in key, false, secret);
    }
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
  });
});
