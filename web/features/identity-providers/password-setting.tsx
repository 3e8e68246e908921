import { Checkbox, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SignInSetting } from '../../../contract/identity-provider.ts';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import { WRITES } from './provider-data.ts';

const useStyles = makeStyles({
  body: { display: 'grid', gap: tokens.spacingVerticalS, marginTop: tokens.spacingVerticalXXL, maxWidth: '640px' },
});

/** Whether people may sign in with a password. Clearing it asks first. */
export function PasswordSetting({ setting }: { setting: SignInSetting }) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may(WRITES);
  const [isAsking, setAsking] = useState(false);
  const write = useMutation({
    mutationFn: (isPasswordAllowed: boolean) =>
      api.send<SignInSetting>('PATCH', '/v1.0/admin/signIn', { body: { isPasswordAllowed } }),
    onSuccess: (written) => {
      client.setQueryData(['signInSetting'], written);
      notify.success(written.isPasswordAllowed ? 'Passwords are on' : 'Passwords are off');
    },
  });
  return (
    <section className={styles.body} aria-label="Passwords">
      <Checkbox
        label="Let people sign in with a password"
        checked={setting.isPasswordAllowed}
        disabled={!mayWrite || write.isPending}
        onChange={(_, { checked }) => (checked === true ? write.mutate(true) : setAsking(true))}
      />
      <Text>
        Off, people sign in by the identity providers alone. A Global admin has to have signed in by one of them before.
      </Text>
      {write.error && !isAsking && <ErrorState error={write.error} />}
      <ConfirmDialog
        open={isAsking}
        title="Let nobody sign in with a password?"
        confirmLabel="Turn off passwords"
        onConfirm={async () => {
          await write.mutateAsync(false);
          setAsking(false);
        }}
        onClose={() => setAsking(false)}
      >
        Whoever has no account at one of the identity providers can’t sign in any more. Who is signed in stays so.
      </ConfirmDialog>
    </section>
  );
}
