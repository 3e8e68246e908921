import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import { ErrorAnswer } from '../../contract/primitives.ts';
import type { Config } from '../config.ts';
import type { Server } from './server.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const DESCRIPTION = `
Autoclaim gives people software licenses the moment they sign in to an app that needs one.

The API follows Microsoft Graph v1.0: its names, its query options, its errors. Every request carries an access
token, which a client gets with its id and secret from \`/{tenant}/oauth2/v2.0/token\` (client credentials, scope
\`<base URL>/.default\`). Every answer has a \`request-id\`; an error names its own in \`error.innerError\`.
`.trim();

const TAGS: Record<string, string> = {
  'Sign-ins': 'A user signs in to an app: is a license there, or claimed now, or why not.',
  'Auto-claim': 'The switch that lets anybody claim at all.',
  'Auto-claim policies': 'For which app which products are claimed, in which order, and by whom.',
  'Set-up': 'The setting, apps, policies, licenses of groups and roles as one document: policies as code.',
  Reports: 'What was claimed, and what was refused.',
  Products: "The tenant's catalogue of products and their service plans.",
  Subscriptions: 'What was bought, and how many seats are left.',
  Licenses: 'Who holds which product, and by which paths.',
  Users: 'People.',
  Me: 'Whoever has signed in: yours, with no role at all.',
  Organization: 'The tenant itself.',
  'Directory roles': 'Who may administrate what.',
  Groups: 'Groups of people and of groups.',
  Hooks: 'How identity providers tell of sign-ins, and get the claims for their tokens.',
  Provisioning: 'How identity providers keep users and groups here as they have them.',
  'Identity providers': 'Where people sign in with an account of their own organisation.',
  'Forward auth': 'How reverse proxies ask whether a request to an app may pass.',
  Applications: 'What people sign in to, and the clients of this API.',
  Tenants: 'Organisations on this installation.',
  'Audit logs': 'Who changed what and when; who signed in.',
  Batch: 'Many requests in one.',
  Tokens: 'Access tokens, by OAuth 2.0 and OpenID Connect.',
  System: 'For whoever runs the server.',
};

// The query options of OData, as Microsoft Graph has them.
const OPTIONS = {
  $top: 'How many to answer at most: 1 to 999, 100 unless given.',
  $select: 'Which properties to answer, separated by commas.',
  $filter: "A condition, such as startswith(displayName,'A') and accountEnabled eq true.",
  $search: 'Words to look for, in quotation marks: "displayName:ann".',
  $orderby: 'A property to sort by, with desc where it is to be the other way round.',
  $expand: 'What to answer beside it, 20 at most: members, memberOf.',
  $count: 'true: answer the number of all matches too, in @odata.count.',
  $skiptoken: 'Where the page before ended; comes in @odata.nextLink.',
  $deltatoken: 'What is known already; comes in @odata.deltaLink. latest: all that is there now.',
} as const;
type Option = keyof typeof OPTIONS;
const OF_LISTS: readonly Option[] = ['$top', '$select', '$filter', '$search', '$orderby', '$count', '$skiptoken'];
const EXPANDABLE = /^\/v1\.0\/(users(\/:user)?|(groups|directoryRoles)(\/:id)?)$/;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the body is, where something else than its schema reads and checks it. */
    describedBody?: object;
    /** By what a caller proves themselves, where the route's own scope checks it. */
    describedSecurity?: readonly Record<string, string[]>[];
  }
}

/** Describes the API from the routes' own schemas, as OpenAPI 3.1. Before the routes are registered. */
export async function describeApi(server: Server, { baseUrl }: Pick<Config, 'baseUrl'>): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Autoclaim',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as object & { name: string },
      },
      servers: [{ url: baseUrl }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        schemas: { Error: ErrorAnswer as object },
        securitySchemes: {
          accessToken: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'An access token from `/{tenant}/oauth2/v2.0/token`. Its app has the permissions that count.',
          },
          provisioningToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'The token of a provisioning client (*Settings > Provisioning*), for SCIM.',
          },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ url, schema: describeRoute({ ...schema }, url, route) }),
  });
}

function describeRoute(schema: FastifySchema, url: string, route: RouteOptions): FastifySchema {
  const access = route.config?.access;
  const isOpen = access === 'anyone' || access === undefined;
  const needs = Array.isArray(access) ? `Needs one of the permissions ${access.join(', ')}.` : undefined;
  return {
    ...schema,
    description: [schema.description, needs].filter(Boolean).join('\n\n'),
    security: route.config?.describedSecurity ?? (isOpen ? [] : [{ accessToken: [] }]),
    ...describeInput(schema, url, route, isOpen),
    response: {
      ...describeAnswers(schema.response as Answers | undefined),
      ...(!isOpen && errorsOf(url, schema, route)),
    },
  };
}

function describeInput(
  schema: FastifySchema,
  url: string,
  { method, config }: RouteOptions,
  isOpen: boolean,
): FastifySchema {
  const options = method === 'GET' && !isOpen ? optionsOf(schema, url) : [];
  const takesKey = method === 'POST' && !isOpen && config?.idempotency !== 'none';
  return {
    ...(options.length > 0 && {
      querystring: withProperties(
        schema.querystring,
        options.map((name) => [name, OPTIONS[name]]),
      ),
    }),
    ...(takesKey && { headers: withProperties(schema.headers, [['Idempotency-Key', IDEMPOTENCY_KEY]]) }),
    ...(config?.describedBody ? { body: config.describedBody } : {}),
    ...(schema.consumes?.includes('text/csv') && {
      body: { type: 'string', description: 'The file itself, in UTF-8.' },
    }),
  };
}

const IDEMPOTENCY_KEY =
  'The same request under the same key within 24 hours is carried out once, and answered the same.';

/** By what a route answers, as odata/query.ts reads them: a collection takes them all. */
function optionsOf(schema: FastifySchema, url: string): Option[] {
  if (url.endsWith('/$count')) return ['$filter', '$search'];
  const answer = (schema.response as Answers | undefined)?.['200'];
  if (answer?.properties?.['@odata.deltaLink']) {
    const expand: Option[] = url.startsWith('/v1.0/groups/') ? ['$expand'] : [];
    return ['$top', '$select', ...expand, '$skiptoken', '$deltatoken'];
  }
  const expand: Option[] = EXPANDABLE.test(url) ? ['$expand'] : [];
  if (answer?.properties?.['@odata.nextLink']) return [...OF_LISTS, ...expand];
  return /\/:\w+$/.test(url) ? ['$select', ...expand] : [];
}

function withProperties(schema: unknown, more: readonly (readonly [name: string, description: string])[]): object {
  const { properties } = (schema ?? {}) as { properties?: object };
  const added = more.map(([name, description]): [string, object] => [name, { type: 'string', description }]);
  return {
    type: 'object',
    ...(schema as object | undefined),
    properties: { ...properties, ...Object.fromEntries(added) },
  };
}

type Answers = Record<string, { readonly properties?: Record<string, unknown> }>;

/** OpenAPI wants a description of every answer. */
function describeAnswers(answers: Answers | undefined): object {
  if (!answers || Object.keys(answers).length === 0) return { 200: { description: 'Done.' } };
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, { description: DONE[status] ?? 'Done.', ...answer }]),
  );
}

const DONE: Record<string, string> = {
  200: 'The answer.',
  201: 'Made.',
  202: 'Taken on; it is done soon.',
  204: 'Done; there is nothing to say.',
};

/** The errors that any route of the API may answer, each in the same envelope. */
function errorsOf(url: string, schema: FastifySchema, { config }: RouteOptions): object {
  const error = (description: string) => ({ description, $ref: '#/components/schemas/Error' });
  return {
    400: error('Something in the request is wrong: the message names it.'),
    401: error('The access token is missing, forged or stale.'),
    403: error("The client's permissions don't reach."),
    ...(url.includes(':') && { 404: error("It isn't there, or isn't this tenant's.") }),
    ...(schema.headers ? { 412: error('It was changed by somebody else meanwhile: read it again.') } : {}),
    ...(config?.rateLimit !== 'never' && {
      429: error('Too many requests of this app or person; try again after the seconds of Retry-After.'),
    }),
    503: error("The database can't answer now; try again after the seconds of Retry-After."),
  };
}
