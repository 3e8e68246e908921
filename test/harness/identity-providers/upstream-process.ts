import { createServer, type AddressInfo } from 'node:net';
import type { Configuration } from 'oidc-provider';
import { Provider } from '../../../src/signin/openid/oidc-provider.ts';

// The organisation's identity provider, as far as tests need one: oidc-provider with a sign-in page
// that asks for the name alone.

interface User {
  readonly login: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const { clientId, clientSecret, redirectUri } = JSON.parse(process.argv[2]!) as Record<string, string>;
const users = new Map<string, User>();
process.on('message', (user: User) => users.set(user.login, user));
process.on('disconnect', () => process.exit());

const probe = createServer();
await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
const { port } = probe.address() as AddressInfo;
await new Promise((resolve) => probe.close(resolve));
const issuer = `http://127.0.0.1:${port}`;

const configuration: Configuration = {
  clients: [
    {
      client_id: clientId!,
      client_secret: clientSecret!,
      redirect_uris: [redirectUri!],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: {
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'locale', 'groups', 'department'],
  },
  cookies: { keys: ['upstream'] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_ctx, accountId) => {
    const user = users.get(accountId);
    return user && { accountId, claims: () => ({ ...user.claims, sub: accountId }) };
  },
  interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client!.clientId,
      accountId: ctx.oidc.session!.accountId!,
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
};
const provider = new Provider(issuer, configuration);
provider.use(async (ctx, next) => {
  const id = /^\/sign-in\/([\w-]+)$/.exec(ctx.path)?.[1];
  if (id === undefined) return next();
  if (ctx.method === 'GET') {
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const hint = ((params['login_hint'] as string | undefined) ?? '').replaceAll(/["<&]/g, '');
    ctx.type = 'html';
    ctx.body = `<!doctype html><html lang="en"><title>Upstream</title><h1>The upstream</h1><form method="post">
      <label>Login <input name="login" value="${hint}"></label><button>Sign in upstream</button></form>`;
    return;
  }
  let body = '';
  for await (const part of ctx.req) body += String(part);
  const login = new URLSearchParams(body).get('login') ?? '';
  const result = users.has(login)
    ? { login: { accountId: login } }
    : { error: 'access_denied', error_description: 'No such user <script>' };
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  ctx.respond = false;
});
provider.listen(port, '127.0.0.1', () => process.send!({ issuer }));
