import { Type } from 'typebox';
import type { Permission } from '../../../contract/permission.ts';
import {
  SignIn,
  SignInDecision,
  SignInDecisionList,
  SignInExplanation,
  SignInList,
} from '../../../contract/sign-in.ts';
import { explainSignIn, type Explanation } from '../../engine/claim/explain.ts';
import type { Ask } from '../../engine/claim/moment.ts';
import type { DecidedSignIn } from '../../engine/claim/sign-in.ts';
import { grants, type Principal } from '../access.ts';
import { ApiError, badRequest, toAnswer } from '../errors.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import type { Server, ServerContext } from '../server.ts';

const tags = ['Sign-ins'];
const EXPLAIN: Permission[] = ['AutoClaimPolicy.Read.All', 'SignIn.Create'];

/** The first door: a registered app or a trusted backend tells of a sign-in and gets the decision. */
export function signInRoutes(server: Server, { db, signIns, metrics }: ServerContext): void {
  const decide = async (principal: Principal, requestId: string, body: SignIn) => {
    const decided = await signIns.decide(principal.tenantId, {
      ...askOf(body),
      clientId: principal.clientId,
      door: principal.person ? 'adminCenter' : 'api',
      correlationId: body.correlationId ?? null,
      actor: principal.actor,
      requestId,
    });
    metrics.signIns.inc({ outcome: decided.outcome, reason: decided.reason ?? '' });
    return decided;
  };

  server.post(
    '/signIns',
    {
      config: { access: 'anyClient', people: ['SignIn.Create'], idempotency: 'none', rateLimit: 'never' },
      schema: {
        tags,
        summary: 'Decide a sign-in, or up to 1,000 under value; claims a license where one is due',
        body: Type.Union([SignIn, SignInList]),
        response: { 200: Type.Union([SignInDecision, SignInDecisionList]) },
      },
      // By the one form that a body is meant to be, so that an error names its own field and not a union's.
      preValidation: async (request) => {
        const body: unknown = request.body;
        const isList = typeof body === 'object' && body !== null && 'value' in body;
        const validate = request.compileValidationSchema(isList ? SignInList : SignIn, 'body');
        if (!validate(body))
          throw Object.assign(new Error(), { validation: validate.errors, validationContext: 'body' });
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { principal, id, body } = request;
      if (!('value' in body)) {
        refuseForeignApp(principal, body);
        requireWho(body, '');
        return decisionAnswer(await decide(principal, id, body));
      }
      body.value.forEach((member, index) => {
        refuseForeignApp(principal, member);
        requireWho(member, `value[${index}].`);
      });
      // In a list, what couldn't be decided has its error in its place.
      const failed = (error: unknown) => {
        const { code, message } = toAnswer(error, request);
        return { error: { code, message } };
      };
      const answers = await Promise.all(
        body.value.map((member) => decide(principal, id, member).then(decisionAnswer, failed)),
      );
      return { value: answers };
    },
  );

  server.post(
    '/signIns/explain',
    {
      config: { access: EXPLAIN, idempotency: 'none' },
      schema: {
        tags,
        summary: 'What the decision on a sign-in would be, check by check; changes nothing',
        body: SignIn,
        response: { 200: SignInExplanation },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      requireWho(request.body, '');
      return explanationAnswer(await explainSignIn(db, request.principal.tenantId, askOf(request.body)));
    },
  );
}

/** An app's own client may tell of sign-ins to its own app; any other needs SignIn.Create. */
function refuseForeignApp(principal: Principal, { appId }: SignIn): void {
  if (appId.toLowerCase() === principal.appId || grants(principal.permissions, 'SignIn.Create')) return;
  throw new ApiError(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation. Without SignIn.Create a client may only tell of sign-ins to its own app.',
  );
}

function requireWho({ userId, userPrincipalName }: SignIn, path: string): void {
  if ((userId === undefined) === (userPrincipalName === undefined)) {
    throw badRequest(`${path}userPrincipalName or ${path}userId must be given, and not both.`);
  }
}

function askOf(body: SignIn): Ask {
  return {
    appId: body.appId.toLowerCase(),
    userId: body.userId?.toLowerCase() ?? null,
    userPrincipalName: body.userPrincipalName ?? null,
  };
}

function decisionAnswer(decided: DecidedSignIn) {
  return { id: decided.signInId, ...answerOf(decided), createdDateTime: decided.decidedAt.toISOString() };
}

function explanationAnswer(explanation: Explanation) {
  const { adminMessage, steps, at } = explanation;
  return { id: null, ...answerOf(explanation), createdDateTime: at.toISOString(), adminMessage, steps: [...steps] };
}

function answerOf({
  outcome,
  reason,
  message,
  userId,
  appId,
  entitlement,
}: Omit<DecidedSignIn, 'signInId' | 'decidedAt'>) {
  return {
    outcome,
    reason,
    message,
    isEntitled: outcome !== 'refused',
    userId,
    appId,
    skuId: entitlement?.skuId ?? null,
    skuPartNumber: entitlement?.skuPartNumber ?? null,
    servicePlans: [...(entitlement?.servicePlans ?? [])],
    policyId: entitlement?.policyId ?? null,
    claimId: entitlement?.claimId ?? null,
    isBackup: entitlement?.isBackup ?? null,
  };
}
