import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Spinner,
  tokens,
  typographyStyles,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { query, useApi } from '../../../ui/api.ts';
import { useNotify } from '../../../ui/notifications.tsx';
import { usePerson } from '../../../ui/person.ts';
import { Picker, type Choice } from '../../../ui/picker.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import { usePolicies, useProducts } from '../policy-data.ts';
import { DecisionShown, type Explanation } from './decision-shown.tsx';

interface User {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
}

/** What the sign-in itself has come to. */
type SignedIn = Pick<Explanation, 'outcome' | 'message' | 'policyId' | 'skuId' | 'skuPartNumber'>;

const useStyles = makeStyles({
  title: { ...typographyStyles.subtitle2, margin: 0, marginBottom: tokens.spacingVerticalXS },
  buttons: { display: 'flex', gap: tokens.spacingHorizontalS, marginBlock: tokens.spacingVerticalS },
});

/** Try a sign-in: the decision for a user, check by check; and the sign-in itself, if asked for. */
export function TrySignIn({ appId, policyId }: { appId: string; policyId: string }) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const person = usePerson();
  const { data: policies = [] } = usePolicies();
  const [user, setUser] = useState<Choice>();
  const explain = useMutation({
    mutationFn: () => api.send<Explanation>('POST', '/v1.0/signIns/explain', { body: { appId, userId: user!.id } }),
  });
  const { data: products } = useProducts(
    [explain.data?.skuId, ...(explain.data?.steps ?? []).map(({ skuId }) => skuId)].filter(
      (id) => typeof id === 'string',
    ),
  );
  const productOf = ({ skuId, skuPartNumber }: SignedIn) => products?.get(skuId ?? '')?.displayName ?? skuPartNumber;
  const signIn = useMutation({
    mutationFn: () => api.send<SignedIn>('POST', '/v1.0/signIns', { body: { appId, userId: user!.id } }),
    onSuccess: async (signedIn) => {
      const { outcome, message } = signedIn;
      if (outcome === 'claimed') notify.success(`${user!.name} has claimed ${productOf(signedIn)}.`);
      else if (outcome === 'licensed') notify.success(`${user!.name} is licensed already.`);
      else notify.error(`${user!.name} is refused.`, `They read: “${message}”`);
      // What was claimed is the end of it; anything else has another decision behind it by now.
      if (outcome !== 'claimed') explain.mutate();
      await Promise.all(['pools', 'report', 'policies'].map((noun) => client.invalidateQueries({ queryKey: [noun] })));
    },
  });
  const claimed = signIn.data?.outcome === 'claimed' ? signIn.data : undefined;
  const show = () => {
    if (!user) return;
    signIn.reset();
    explain.mutate();
  };
  const start = (next?: Choice) => {
    signIn.reset();
    explain.reset();
    setUser(next);
  };
  if (!person.may('User.Read.All')) return null;
  return (
    <section>
      <h3 className={styles.title}>Try a sign-in</h3>
      <Picker<User>
        label="User"
        isSingle
        queryKey={['users']}
        pathOf={(text) =>
          `/v1.0/users${query({ $top: 20, $select: 'id,displayName,userPrincipalName', $search: text && `"${text.replaceAll(/["\\]/g, '')}"` })}`
        }
        choiceOf={({ id, displayName, userPrincipalName }) => ({ id, name: displayName, detail: userPrincipalName })}
        chosen={user ? [user] : []}
        onChange={([chosen]) => start(chosen)}
      />
      <div className={styles.buttons}>
        <Button disabledFocusable={!user || explain.isPending} onClick={show}>
          {explain.isPending ? <Spinner size="tiny" label="Show the decision" /> : 'Show the decision'}
        </Button>
        {explain.data?.outcome === 'claimed' && person.may('SignIn.Create') && (
          <Button
            disabledFocusable={signIn.isPending || claimed !== undefined}
            onClick={() => !claimed && signIn.mutate()}
          >
            Sign in and claim
          </Button>
        )}
      </div>
      {(explain.error ?? signIn.error) && <ErrorState error={(explain.error ?? signIn.error)!} />}
      <div aria-live="polite">
        {claimed && (
          <MessageBar intent="success" layout="multiline">
            <MessageBarBody>
              Claimed: {productOf(claimed)} under{' '}
              {policies.find(({ id }) => id === claimed.policyId)?.displayName ?? '…'}.
            </MessageBarBody>
          </MessageBar>
        )}
        {explain.data && (
          <DecisionShown
            explanation={explain.data}
            policyId={policyId}
            policies={policies}
            products={products}
            isPast={claimed !== undefined}
          />
        )}
      </div>
    </section>
  );
}
