import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FindGuardedApp, GuardedApp } from '../engine/forward-auth/find-forward-auth.ts';
import { endAppSession, markOf, newKey, redeemTicket } from '../signin/forward-auth/app-session.ts';
import { GUARD_PATH, readAsked, readCookie, uriWithin, type Asked } from '../signin/forward-auth/asked.ts';
import { cookiesOf } from '../signin/forward-auth/cookies.ts';
import { licenseHeaders } from '../signin/forward-auth/license-headers.ts';
import type { NotAdmitted } from '../signin/forward-auth/admissions.ts';
import { authorizeAddress } from '../signin/openid/forward-auth-client.ts';
import { SIGN_OUT_PATH } from '../signin/openid/sign-out.ts';
import { atAppPage, notSetUpPage } from '../signin/pages/forward-auth-pages.ts';
import { licenseRefusedPage } from '../signin/pages/license-refused-page.ts';
import { SIGN_IN_STYLE } from '../signin/pages/style.ts';
import { dropBody } from './dropped-body.ts';
import { ForwardAuthVisitors, type Recognised } from './forward-auth-visitors.ts';
import { answerPage, formField, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';

interface AppQuery {
  Querystring: { app: string; return?: string; ticket?: string };
}
type Ask = FastifyRequest<AppQuery>;

/** What a proxy asks about: an app that is set up, at one of its origins. */
interface AtApp {
  readonly app: GuardedApp;
  readonly asked: Asked & { readonly origin: string };
}

const GUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
const querystring = {
  type: 'object',
  required: ['app'],
  properties: {
    app: { type: 'string', pattern: GUID, description: 'the appId of the app that is asked for' },
    return: { type: 'string' },
    ticket: { type: 'string' },
  },
};
const NO_APP = 'Autoclaim knows nothing of this app: no forward auth is set up for it.';
const NO_ORIGIN = (origin: string | undefined) =>
  origin === undefined
    ? 'The proxy doesn’t say at which address the app was asked for.'
    : `${origin} is none of the addresses that are set up for this app.`;
const ENDED = 'This sign-in has ended: it was finished already, was begun in another browser, or took too long.';

/**
 * What reverse proxies ask for each request, and what a browser is sent to on the app's own host, which the
 * proxy hands on to Autoclaim.
 */
export async function forwardAuthRoutes(
  server: Server,
  context: ServerContext,
  findApp: FindGuardedApp,
): Promise<void> {
  const { config, db, metrics } = context;
  const { baseUrl } = config;
  const visitors = new ForwardAuthVisitors(context);
  const open = { access: 'anyone' as const };
  const hidden = { config: { ...open, idempotency: 'none' as const }, schema: { hide: true, querystring } };
  // Where nginx leads whoever may not pass; not where it asks, which it does with its headers alone.
  const ledTo = { ...hidden, preHandler: dropBody };

  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl, (message) =>
      atAppPage('This can’t be checked now', message, { label: 'Try again', uri: '/' }),
    );
    scope.addHook('onRequest', async (_request, reply) => {
      // It is for the app's host to say whether it is reached by https alone.
      reply.removeHeader('strict-transport-security');
    });

    scope.get<AppQuery>(
      '/forward-auth',
      {
        config: open,
        schema: {
          tags: ['Forward auth'],
          summary: 'May a request to an app pass? Asked by its reverse proxy (docs/forward-auth.md)',
          querystring: { ...querystring, properties: { app: querystring.properties.app } },
        },
      },
      async (request, reply) => {
        const { status } = await answerProxy(request, reply);
        metrics.forwardAuth.inc({ result: RESULTS[status] ?? 'refused' });
        return reply;
      },
    );

    scope.get(`${GUARD_PATH}/sign-in.css`, { config: open, schema: { hide: true } }, (_request, reply) =>
      reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(SIGN_IN_STYLE),
    );

    // nginx answers 500 where it could not ask: its error_page leads here, and gives the page the status 503.
    scope.get(
      `${GUARD_PATH}/unavailable`,
      { config: open, schema: { hide: true }, preHandler: dropBody },
      (_request, reply) =>
        answerPage(
          reply.header('retry-after', '1'),
          200,
          atAppPage('This can’t be checked now', 'Whether you may open this app can’t be checked at the moment.', {
            label: 'Try again',
            uri: '/',
          }),
        ),
    );

    scope.get<AppQuery>(`${GUARD_PATH}/sign-in`, ledTo, async (request, reply) => {
      const at = await find(request, reply);
      if (!at) return reply;
      // A script can't sign in: the page that it is of has to be loaded again.
      if (!at.asked.isNavigation) return askToSignIn(reply, at, whereTo(request, at));
      return signIn(request, reply, at, whereTo(request, at));
    });

    scope.get<AppQuery>(`${GUARD_PATH}/callback`, hidden, async (request, reply) => {
      const at = await find(request, reply);
      if (!at) return reply;
      const { tenantId, appId } = at.app.forwardAuth;
      const { origin } = at.asked;
      const cookies = cookiesOf(appId, origin);
      const browser = readCookie(request.headers, cookies.browser) ?? '';
      const made = await redeemTicket(db, tenantId, request.query.ticket ?? '', browser, { appId, origin });
      if (!made) {
        return answerPage(reply, 400, atAppPage('You aren’t signed in', ENDED, { label: 'Begin again', uri: '/' }));
      }
      return goTo(reply.header('set-cookie', cookies.sessionText(made.key)), origin + uriWithin(origin, made.uri));
    });

    scope.get<AppQuery>(`${GUARD_PATH}/refused`, ledTo, async (request, reply) => {
      const at = await find(request, reply);
      if (!at) return reply;
      const visitor = await visitors.recognise(at.app, request, at.asked);
      const admission = visitor && (await visitors.admit(at.app, visitor, request.id));
      if (visitor && admission?.kind === 'refused') return refuse(reply, at, visitor, admission, whereTo(request, at));
      // The proxy refuses it for a reason of its own; or it would have been let in just now.
      const reason = 'The server doesn’t let you see this.';
      return answerPage(
        reply,
        403,
        atAppPage('You can’t open this', reason, { label: 'Try again', uri: whereTo(request, at) }),
      );
    });

    scope.post<AppQuery>(`${GUARD_PATH}/refused`, hidden, async (request, reply) => {
      const at = await find(request, reply);
      if (!at) return reply;
      const to = whereTo(request, at);
      const visitor = await visitors.recognise(at.app, request, at.asked);
      if (visitor) visitors.forget(visitor);
      if (visitor?.kind !== 'session' || formField(request, 'next') !== 'otherAccount') {
        // Decided here, so that another process of this server, which is asked next, finds what came of it.
        if (visitor) await visitors.admit(at.app, visitor, request.id);
        return goTo(reply, at.asked.origin + to);
      }
      await endAppSession(db, at.app.forwardAuth.tenantId, visitor.sessionKey);
      return signIn(request, reply, at, to, 'login');
    });

    scope.get<AppQuery>(`${GUARD_PATH}/sign-out`, hidden, async (request, reply) => {
      const at = await find(request, reply);
      if (!at) return reply;
      const { tenantId, appId } = at.app.forwardAuth;
      const cookies = cookiesOf(appId, at.asked.origin);
      const sessionKey = readCookie(request.headers, cookies.session);
      const visitor = await visitors.recognise(at.app, request, at.asked);
      if (sessionKey) await endAppSession(db, tenantId, sessionKey);
      if (visitor) visitors.forget(visitor);
      // Else the next request would be signed in again without a question. Autoclaim asks whether it is meant.
      return goTo(reply.header('set-cookie', cookies.endedText()), `${baseUrl}/${tenantId}${SIGN_OUT_PATH}`);
    });
  });

  async function answerProxy(request: Ask, reply: FastifyReply): Promise<{ status: number }> {
    const { app, asked } = await read(request);
    const visitor = app && (await visitors.recognise(app, request, asked));
    const admission = visitor && (await visitors.admit(app, visitor, request.id));
    if (admission?.kind === 'admitted') {
      void reply.status(200).header('cache-control', 'no-store').headers(licenseHeaders(admission)).send('');
      return { status: 200 };
    }
    const at = findIn(app, asked, reply);
    if (!at) return { status: 403 };
    if (admission) {
      refuse(reply, at, visitor, admission, asked.uri);
      return { status: 403 };
    }
    askToSignIn(reply, at, asked.uri);
    return { status: 401 };
  }

  /** The app of a request, where it is set up for the address; else the page that says so is answered. */
  async function find(request: Ask, reply: FastifyReply): Promise<AtApp | undefined> {
    const { app, asked } = await read(request);
    return findIn(app, asked, reply);
  }

  async function read(request: Ask) {
    const app = await findApp(request.query.app.toLowerCase());
    const origins = app?.forwardAuth.origins ?? [];
    return { app, asked: readAsked(request.headers, origins.length === 1 ? origins[0] : undefined) };
  }

  function findIn(app: GuardedApp | undefined, asked: Asked, reply: FastifyReply): AtApp | undefined {
    const { origin } = asked;
    if (app && origin !== undefined && app.forwardAuth.origins.includes(origin)) {
      return { app, asked: { ...asked, origin } };
    }
    answerPage(reply, 403, notSetUpPage(app ? NO_ORIGIN(origin) : NO_APP));
    return undefined;
  }

  /** 401; for who is shown whatever is answered, the way to the sign-in itself. */
  function askToSignIn(reply: FastifyReply, { app, asked }: AtApp, uri: string): FastifyReply {
    const { appId } = app.forwardAuth;
    const address = `${asked.origin}${GUARD_PATH}/sign-in?${new URLSearchParams({ app: appId, return: uri }).toString()}`;
    void reply.header('x-autoclaim-sign-in', address);
    if (asked.mayRedirect && asked.isNavigation) return goTo(reply, address, 302);
    const page = atAppPage('Sign in', `${app.displayName} wants to know who you are.`, {
      label: 'Sign in',
      uri: address,
    });
    return answerPage(reply.header('www-authenticate', `Cookie realm="${appId}"`), 401, page);
  }

  /** To Autoclaim's own sign-in, from where a ticket leads back. */
  function signIn(
    request: Ask,
    reply: FastifyReply,
    { app, asked }: AtApp,
    uri: string,
    prompt?: 'login',
  ): FastifyReply {
    const { tenantId, appId } = app.forwardAuth;
    const cookies = cookiesOf(appId, asked.origin);
    // The same for all sign-ins that are open at once: two tabs don't harm each other.
    const held = readCookie(request.headers, cookies.browser);
    const browser = held?.length === newKey().length ? held : newKey();
    const to = { appId, origin: asked.origin, uri, browserMark: markOf(browser) };
    void reply.header('set-cookie', cookies.browserText(browser));
    return goTo(reply, authorizeAddress(baseUrl, tenantId, to, prompt));
  }

  function refuse(
    reply: FastifyReply,
    { app }: AtApp,
    { kind }: Recognised,
    { message, userPrincipalName, signInId }: NotAdmitted,
    uri: string,
  ): FastifyReply {
    const page = licenseRefusedPage(GUARD_PATH, {
      action: `${GUARD_PATH}/refused?${new URLSearchParams({ app: app.forwardAuth.appId, return: uri }).toString()}`,
      appName: app.displayName,
      message,
      userPrincipalName,
      reference: signInId,
      ways: kind === 'session' ? ['again', 'otherAccount'] : ['again'],
    });
    return answerPage(reply, 403, page, baseUrl);
  }
}

const RESULTS: Record<number, string> = { 200: 'passed', 401: 'sign-in' };

/** Where the browser was going: as the address says, else as the proxy does. */
function whereTo(request: Ask, { asked }: AtApp): string {
  const wanted = request.query.return;
  return wanted === undefined ? asked.uri : uriWithin(asked.origin, wanted);
}

function goTo(reply: FastifyReply, address: string, status = 303): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(address, status);
}
