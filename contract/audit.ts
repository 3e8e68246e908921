import { Type } from 'typebox';
import { Collection, DateTime, Guid, Nullable } from './primitives.ts';
import { DOORS } from './sign-in.ts';

const Text = Nullable(Type.String());

/** What somebody did, as Graph's directoryAudit. */
export const DirectoryAudit = Type.Object({
  id: Guid,
  activityDateTime: DateTime,
  activityDisplayName: Type.String(),
  category: Type.String(),
  correlationId: Text,
  loggedByService: Type.String(),
  operationType: Type.String(),
  result: Type.String(),
  resultReason: Type.String(),
  initiatedBy: Type.Object({
    app: Nullable(
      Type.Object({ appId: Text, displayName: Text, servicePrincipalId: Text, servicePrincipalName: Text }),
    ),
    user: Nullable(Type.Object({ id: Guid, displayName: Text, userPrincipalName: Text, ipAddress: Text })),
  }),
  targetResources: Type.Array(
    Type.Object({
      id: Text,
      displayName: Text,
      type: Type.String(),
      userPrincipalName: Text,
      groupType: Text,
      modifiedProperties: Type.Array(Type.Object({ displayName: Type.String(), oldValue: Text, newValue: Text })),
    }),
  ),
  additionalDetails: Type.Array(Type.Object({ key: Type.String(), value: Text })),
});
export const DirectoryAuditPage = Collection(DirectoryAudit);

/** A decided sign-in, as Graph's signIn, and beside it what was decided. */
export const LoggedSignIn = Type.Object({
  id: Guid,
  createdDateTime: DateTime,
  userId: Type.String({ description: 'empty where nobody is known by the name' }),
  userPrincipalName: Text,
  userDisplayName: Text,
  appId: Guid,
  appDisplayName: Text,
  door: Type.Enum([...DOORS], { description: 'where the sign-in came in' }),
  clientAppUsed: Text,
  correlationId: Text,
  isInteractive: Type.Boolean(),
  status: Type.Object({ errorCode: Type.Integer(), failureReason: Text, additionalDetails: Text }),
  outcome: Type.Enum(['licensed', 'claimed', 'refused']),
  reason: Text,
  skuId: Nullable(Guid),
  policyId: Nullable(Guid),
  claimId: Nullable(Guid),
});
export const LoggedSignInPage = Collection(LoggedSignIn);

export const AuditPath = Type.Object({ id: Guid });
