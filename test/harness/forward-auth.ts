import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { TestPerson } from './people.ts';
import type { World } from './world.ts';

/** An app behind a proxy, as it was set up. */
export interface GuardedTestApp {
  readonly id: string;
  readonly appId: string;
  readonly origin: string;
  readonly secretText: string;
}

/** What came back, nothing followed. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Where it leads; undefined where nowhere. */
  readonly location: string | undefined;
}

export async function guard(world: World, app: { appId: string }, more: object = {}): Promise<GuardedTestApp> {
  const origin = `https://app-${randomBytes(4).toString('hex')}.contoso.example`;
  const values = { origins: [origin], ...more };
  const { id, secretText } = await world.post('/admin/forwardAuth', { appId: app.appId, ...values });
  return { id, appId: app.appId, origin: values.origins[0]!, secretText };
}

/** By Node's own client: a browser's fetch sets some headers itself, and takes none of others. */
export function plainRequest(
  address: string,
  headers: Readonly<Record<string, string>> = {},
  form?: Readonly<Record<string, string>>,
): Promise<PlainAnswer> {
  const body = form && new URLSearchParams(form).toString();
  return new Promise((resolve, reject) => {
    const sent = request(
      address,
      {
        method: form ? 'POST' : 'GET',
        agent: false,
        headers: { ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            body: Buffer.concat(parts).toString(),
            location: answer.headers.location,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * A person's browser before an app behind a proxy: it has a jar of cookies for each host, and follows nothing
 * by itself.
 * @param reach how the app's host is reached: the address to call, and what the proxy adds to a request
 */
export class GuardedBrowser {
  readonly #jars = new Map<string, Map<string, string>>();
  readonly #reach: (address: URL) => { readonly address: string; readonly headers: Readonly<Record<string, string>> };

  constructor(
    reach: (address: URL) => { readonly address: string; readonly headers: Readonly<Record<string, string>> },
  ) {
    this.#reach = reach;
  }

  cookies(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  async send(
    address: string,
    headers: Readonly<Record<string, string>> = {},
    form?: Readonly<Record<string, string>>,
  ): Promise<PlainAnswer> {
    const url = new URL(address);
    const jar = this.cookies(url.origin);
    const reached = this.#reach(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await plainRequest(
      reached.address,
      { accept: 'text/html', ...(cookie && { cookie }), ...headers, ...reached.headers },
      form,
    );
    for (const text of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)!;
      if (/Max-Age=0|expires=Thu, 01 Jan 1970/i.test(text)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    return answer;
  }

  /** Follows redirects, and pages that lead on by themselves, until a page comes; with a password where asked. */
  async open(address: string, person?: TestPerson): Promise<PlainAnswer & { readonly url: string }> {
    let url = address;
    let answer = await this.send(url);
    for (let hops = 0; hops < 15; hops += 1) {
      const leadsOn = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(answer.body)?.[1]?.replaceAll('&amp;', '&');
      const next = answer.location ?? leadsOn;
      if (next !== undefined) {
        url = new URL(next, url).href;
        answer = await this.send(url);
      } else if (person && answer.body.includes('name="password"')) {
        const { userPrincipalName: userName, password } = person;
        answer = await this.send(url, {}, { userName, password });
      } else return { ...answer, url };
    }
    throw new Error(`Too many redirects from ${address}`);
  }
}

/** A browser whose app's host leads to Autoclaim as a proxy would lead it: all of it is about one request to the app. */
export function browserBefore({ server }: World, app: GuardedTestApp): GuardedBrowser {
  return new GuardedBrowser((url) => {
    if (url.origin !== app.origin) return { address: url.href, headers: {} };
    const isOurs = url.pathname.startsWith('/autoclaim-forward-auth/');
    const path = isOurs ? url.pathname + url.search : `/forward-auth?app=${app.appId}`;
    return {
      address: server.url + path,
      headers: {
        'x-forwarded-proto': url.protocol.slice(0, -1),
        'x-forwarded-host': url.host,
        ...(!isOurs && { 'x-forwarded-uri': url.pathname + url.search, 'x-forwarded-method': 'GET' }),
      },
    };
  });
}

/** A person's browser that has come in. */
export async function comeIn(world: World, app: GuardedTestApp, person: TestPerson): Promise<GuardedBrowser> {
  const browser = browserBefore(world, app);
  const { status, url, body } = await browser.open(`${app.origin}/`, person);
  assert.deepEqual([status, url], [200, `${app.origin}/`], body);
  return browser;
}
