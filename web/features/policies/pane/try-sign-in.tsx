import { Button, makeStyles, Spinner, Text, tokens, typographyStyles } from '@fluentui/react-components';
import { CheckmarkCircleFilled, CircleHintRegular, DismissCircleFilled } from '@fluentui/react-icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { query, useApi } from '../../../ui/api.ts';
import { useNotify } from '../../../ui/notifications.tsx';
import { usePerson } from '../../../ui/person.ts';
import { Picker, type Choice } from '../../../ui/picker.tsx';
import { ErrorState } from '../../../ui/states.tsx';

interface User {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
}

interface Explanation {
  readonly outcome: 'licensed' | 'claimed' | 'refused';
  readonly message: string;
  readonly adminMessage: string;
  readonly steps: readonly { check: string; passed: boolean | null; detail?: string }[];
}

const useStyles = makeStyles({
  title: { ...typographyStyles.subtitle2, margin: 0, marginBottom: tokens.spacingVerticalXS },
  buttons: { display: 'flex', gap: tokens.spacingHorizontalS, marginBlock: tokens.spacingVerticalS },
  steps: { listStyleType: 'none', margin: 0, padding: 0 },
  step: { display: 'flex', gap: tokens.spacingHorizontalS, alignItems: 'flex-start', overflowWrap: 'anywhere' },
  good: { color: tokens.colorStatusSuccessForeground1, flexShrink: 0 },
  bad: { color: tokens.colorStatusDangerForeground1, flexShrink: 0 },
  none: { color: tokens.colorNeutralForeground3, flexShrink: 0 },
});

/** Try a sign-in: the decision for a user, check by check; and the sign-in itself, if asked for. */
export function TrySignIn({ appId }: { appId: string }) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const person = usePerson();
  const [user, setUser] = useState<Choice>();
  const explain = useMutation({
    mutationFn: () => api.send<Explanation>('POST', '/v1.0/signIns/explain', { body: { appId, userId: user!.id } }),
  });
  const signIn = useMutation({
    mutationFn: () => api.send<Explanation>('POST', '/v1.0/signIns', { body: { appId, userId: user!.id } }),
    onSuccess: async ({ outcome, message }) => {
      (outcome === 'refused' ? notify.error : notify.success)(`${user!.name}: ${outcome}`, message);
      await Promise.all(['pools', 'report', 'policies'].map((noun) => client.invalidateQueries({ queryKey: [noun] })));
      explain.mutate();
    },
  });
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
        onChange={([chosen]) => {
          explain.reset();
          setUser(chosen);
        }}
      />
      <div className={styles.buttons}>
        <Button disabledFocusable={!user || explain.isPending} onClick={() => user && explain.mutate()}>
          {explain.isPending ? <Spinner size="tiny" label="Show the decision" /> : 'Show the decision'}
        </Button>
        {explain.data?.outcome === 'claimed' && person.may('SignIn.Create') && (
          <Button disabledFocusable={signIn.isPending} onClick={() => signIn.mutate()}>
            Sign in and claim
          </Button>
        )}
      </div>
      {(explain.error ?? signIn.error) && <ErrorState error={(explain.error ?? signIn.error)!} />}
      {explain.data && (
        <div aria-live="polite">
          <Text weight="semibold" block>
            {explain.data.adminMessage}
          </Text>
          <ol className={styles.steps}>
            {explain.data.steps.map(({ check, passed, detail }, index) => (
              <li key={index} className={styles.step}>
                {passed === true && <CheckmarkCircleFilled className={styles.good} aria-label="Passed:" />}
                {passed === false && <DismissCircleFilled className={styles.bad} aria-label="Not passed:" />}
                {passed === null && <CircleHintRegular className={styles.none} aria-label="Not checked:" />}
                <Text>{detail ?? check}</Text>
              </li>
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}
