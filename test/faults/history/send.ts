import { randomUUID } from 'node:crypto';
import type { Request } from './operation.ts';

/** Who asks: a client of one tenant. */
export interface Client {
  readonly tenantId: string;
  readonly clientId: string;
  readonly token: string;
  /** Goes into every name that is given. */
  readonly canary: string;
}

/** What was answered; status null: nothing was. */
export interface Sent {
  readonly status: number | null;
  readonly answer: any;
  readonly requestId: string | null;
  /** The client gave up: the server may still be at it. */
  readonly isAbandoned: boolean;
  /** Nobody was there to hear it. */
  readonly isUnheard: boolean;
}

/** For so long a client waits; longer than the server itself waits for anything. */
const PATIENCE_MS = 90_000;

/** Sends a request over HTTP, with all its pages where it has several. */
export async function send(url: string, client: Client, request: Request): Promise<Sent> {
  const { method, path, body } = messageOf(request, client.canary);
  const first = await call(url, client, method, path, body);
  if (request.do !== 'read report' || request.form !== 'rows' || first.status !== 200) return first;
  const rows: unknown[] = [...first.answer.value];
  for (let next = first.answer['@odata.nextLink'] as string | undefined; next !== undefined;) {
    // The link leads to the base URL, which is another server's of the same installation.
    const page = await call(url, client, 'GET', next.slice(next.indexOf('/v1.0/')));
    if (page.status !== 200) return page;
    rows.push(...page.answer.value);
    next = page.answer['@odata.nextLink'];
  }
  return { ...first, answer: { value: rows } };
}

export type SignInRequest = Extract<Request, { do: 'sign in' }>;

/** Sends sign-ins in one request; each has an answer as if it had been sent alone. */
export async function sendList(url: string, client: Client, requests: readonly SignInRequest[]): Promise<Sent[]> {
  const value = requests.map((request) => messageOf(request, client.canary).body);
  const sent = await call(url, client, 'POST', '/v1.0/signIns', { value });
  if (sent.status !== 200) return requests.map(() => sent);
  // A member that couldn't be decided has an error in its place, without a status of its own.
  return requests.map((_, index) => {
    const answer = sent.answer.value[index];
    return { ...sent, answer, status: answer.error ? 503 : 200 };
  });
}

async function call(url: string, { token }: Client, method: string, path: string, body?: object): Promise<Sent> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      answer: isJson ? (JSON.parse(text) as unknown) : text,
      requestId: response.headers.get('request-id'),
      isAbandoned: false,
      isUnheard: false,
    };
  } catch (error) {
    const isAbandoned = (error as Error).name === 'TimeoutError';
    const isUnheard = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
    return { status: null, answer: String((error as Error).cause ?? error), requestId: null, isAbandoned, isUnheard };
  }
}

const POLICIES = '/v1.0/policies/autoClaimPolicies';

function messageOf(request: Request, canary: string): { method: string; path: string; body?: object } {
  switch (request.do) {
    case 'sign in': {
      const { appId, userId, correlationId } = request;
      const body = { appId, userId, ...(correlationId !== null && { correlationId }) };
      return { method: 'POST', path: '/v1.0/signIns', body };
    }
    case 'assign': {
      const addLicenses = request.add.map((skuId) => ({ skuId, disabledPlans: [] }));
      const body = { addLicenses, removeLicenses: request.remove };
      return { method: 'POST', path: `/v1.0/users/${request.userId}/assignLicense`, body };
    }
    case 'buy': {
      const { skuId, totalLicenses } = request;
      return { method: 'POST', path: '/v1.0/directory/subscriptions', body: { skuId, totalLicenses } };
    }
    case 'set quantity': {
      const { subscriptionId, totalLicenses } = request;
      return { method: 'PATCH', path: `/v1.0/directory/subscriptions/${subscriptionId}`, body: { totalLicenses } };
    }
    case 'turn switch':
      return { method: 'PATCH', path: '/v1.0/admin/autoClaim', body: { isEnabled: request.isEnabled } };
    case 'add policy': {
      const { appId, ...content } = request;
      const body = { displayName: `Policy ${randomUUID()} ${canary}`, appId, ...contentOf(content) };
      return { method: 'POST', path: POLICIES, body };
    }
    case 'change policy':
      return { method: 'PATCH', path: `${POLICIES}/${request.policyId}`, body: contentOf(request) };
    case 'delete policy':
      return { method: 'DELETE', path: `${POLICIES}/${request.policyId}` };
    case 'reorder':
      return { method: 'POST', path: `${POLICIES}/reorder`, body: { ids: request.policyIds } };
    case 'delete user':
      return { method: 'DELETE', path: `/v1.0/users/${request.userId}` };
    case 'read report': {
      const { from, to, form } = request;
      const period = new URLSearchParams({ from, ...(to !== null && { to }) });
      const path = `/v1.0/reports/autoClaim${form === 'summary' ? '/summary' : ''}?${period.toString()}`;
      return {
        method: 'GET',
        path: form === 'csv' ? `${path}&$format=csv` : form === 'rows' ? `${path}&$top=50` : path,
      };
    }
    case 'read':
      return { method: 'GET', path: request.path };
  }
}

function contentOf(content: { isEnabled?: boolean; products?: readonly string[]; includeGroups?: readonly string[] }) {
  const { isEnabled, products, includeGroups } = content;
  return {
    ...(isEnabled !== undefined && { isEnabled }),
    ...(products && { products: products.map((skuId) => ({ skuId, disabledPlans: [] })) }),
    ...(includeGroups && { includeGroups }),
  };
}
