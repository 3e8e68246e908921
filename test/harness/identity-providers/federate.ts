import assert from 'node:assert/strict';
import { authorizeRequest, follow, openBrowser, type AuthorizeRequest, type Browser } from '../people.ts';
import type { TestServer } from '../server.ts';
import type { Forger, Forgery } from './forger.ts';
import type { World } from '../world.ts';

/** A sign-in that stands at a provider: what its address says. */
export interface AtProvider {
  readonly browser: Browser;
  readonly request: AuthorizeRequest;
  /** The page that it began on. */
  readonly page: string;
  /** At the provider. */
  readonly address: URL;
  readonly state: string;
  readonly nonce: string;
  readonly callback: string;
}

/** Opens the sign-in page and follows the button of a provider, as far as the provider. */
export async function goToProvider(
  server: TestServer,
  providerId: string,
  options: { browser?: Browser; tenant?: string; asked?: Readonly<Record<string, string>> } = {},
): Promise<AtProvider> {
  const { browser = openBrowser(server), tenant, asked } = options;
  const request = authorizeRequest(server, tenant, asked);
  const { url: page, response } = await follow(browser, request.address);
  const text = await response.text();
  const link = new RegExp(`href="([^"]+/with/${providerId})"`).exec(text)?.[1];
  assert.ok(link, text);
  const away = await browser.get(link);
  assert.equal(away.status, 303, await away.text());
  return atProvider(browser, request, page, away);
}

function atProvider(browser: Browser, request: AuthorizeRequest, page: string, away: Response): AtProvider {
  const address = new URL(away.headers.get('location')!);
  const [state, nonce, callback] = ['state', 'nonce', 'redirect_uri'].map((name) => address.searchParams.get(name)!);
  return { browser, request, page, address, state: state!, nonce: nonce!, callback: callback! };
}

/** Comes back from a forger that says this. */
export async function comeBack(
  at: AtProvider,
  forger: Forger,
  forgery: Forgery,
  query: object = {},
): Promise<Response> {
  forger.next(at.nonce, forgery);
  return at.browser.get(
    `${at.callback}?${new URLSearchParams({ code: 'code', state: at.state, ...query }).toString()}`,
  );
}

/** Begins a test sign-in, as an admin does in a new window. */
export async function testAtProvider(world: World, providerId: string): Promise<AtProvider> {
  const { address } = await world.post(`/admin/identityProviders/${providerId}/test`, {});
  const browser = openBrowser(world.server);
  return atProvider(browser, authorizeRequest(world.server), address, await browser.get(address));
}
