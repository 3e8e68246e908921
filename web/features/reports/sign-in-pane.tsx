import { makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';
import { AppLink } from '../../ui/app-link.tsx';
import { DateTime } from '../../ui/date-time.tsx';
import { DecisionSteps, type DecisionStep } from '../../ui/decision-steps.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { Pane } from '../../ui/pane.tsx';
import { usePerson } from '../../ui/person.ts';
import { useProductNames } from '../../ui/product-names.ts';
import { ErrorState } from '../../ui/states.tsx';
import { REASONS } from './reasons.ts';
import { DOORS, OUTCOMES, type LoggedSignIn } from './sign-in-data.ts';

interface Explanation {
  readonly adminMessage: string;
  readonly steps: readonly DecisionStep[];
}

const useStyles = makeStyles({
  text: { display: 'block', marginBlock: tokens.spacingVerticalS },
});

/** One sign-in: the decision as it was, and what it would be now, check by check. */
export function SignInPane({ id, onClose }: { id: string; onClose: () => void }) {
  const api = useApi();
  const person = usePerson();
  const { data, error, refetch } = useQuery({
    queryKey: ['sign-ins', 'one', id],
    queryFn: ({ signal }) => api.get<LoggedSignIn>(`/v1.0/auditLogs/signIns/${encodeURIComponent(id)}`, signal),
  });
  return (
    <Pane open title="Sign-in" parameter="sign-in" onClose={onClose}>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={96} />
        </Skeleton>
      )}
      {data && <Decision signIn={data} />}
      {data && person.may('AutoClaimPolicy.Read.All') && <Now signIn={data} />}
    </Pane>
  );
}

function Decision({ signIn }: { signIn: LoggedSignIn }) {
  const { outcome, reason, userId, userDisplayName, userPrincipalName, policyId, claimId, skuId } = signIn;
  const { data: names } = useProductNames(skuId === null ? [] : [skuId]);
  return (
    <Facts>
      <Fact name="Decision">
        {OUTCOMES[outcome]}
        {reason !== null && `: ${REASONS[reason] ?? reason}`}
      </Fact>
      {signIn.status.failureReason && <Fact name="What it means">{signIn.status.failureReason}</Fact>}
      <Fact name="When">
        <DateTime value={signIn.createdDateTime} />
      </Fact>
      <Fact name="Who">
        {userId === '' ? (
          `${userPrincipalName ?? 'Somebody'} (not known)`
        ) : (
          <AppLink to={`/users?user=${userId}`}>{userDisplayName ?? userPrincipalName}</AppLink>
        )}
      </Fact>
      <Fact name="App">{signIn.appDisplayName ?? `Not registered (${signIn.appId})`}</Fact>
      <Fact name="Through">{DOORS[signIn.door]}</Fact>
      {skuId && <Fact name="Product">{names?.get(skuId) ?? skuId}</Fact>}
      {policyId && (
        <Fact name="Policy">
          <AppLink to={`/licenses/auto-claim?policy=${policyId}`}>Open the policy</AppLink>
        </Fact>
      )}
      {claimId && (
        <Fact name="Claim">
          <AppLink to={`/reports/auto-claim?appId=${signIn.appId}&q=${encodeURIComponent(userPrincipalName ?? '')}`}>
            See it in the report
          </AppLink>
        </Fact>
      )}
      <Fact name="Reference">{signIn.id}</Fact>
      {signIn.correlationId && <Fact name="Correlation">{signIn.correlationId}</Fact>}
    </Facts>
  );
}

/** Only what led to the decision is kept, not each check; what the checks say is of this moment. */
function Now({ signIn: { appId, userId, userPrincipalName } }: { signIn: LoggedSignIn }) {
  const styles = useStyles();
  const api = useApi();
  const who = userId === '' ? { userPrincipalName } : { userId };
  const { data, error, refetch } = useQuery({
    queryKey: ['sign-ins', 'now', appId, userId, userPrincipalName],
    enabled: userId !== '' || userPrincipalName !== null,
    queryFn: () => api.send<Explanation>('POST', '/v1.0/signIns/explain', { body: { appId, ...who } }),
  });
  const { data: names } = useProductNames((data?.steps ?? []).flatMap(({ skuId }) => (skuId ? [skuId] : [])));
  return (
    <section aria-label="If they signed in now">
      <Subtitle2 as="h3">If they signed in now</Subtitle2>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {data && (
        <>
          <Text className={styles.text}>{data.adminMessage}</Text>
          <DecisionSteps steps={data.steps} names={names} />
        </>
      )}
    </section>
  );
}
