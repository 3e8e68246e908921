import { Button, Field, makeStyles, Text, Textarea, tokens } from '@fluentui/react-components';
import { CopyRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../ui/api.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { formatDateTime } from '../../../ui/date-time.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { Pane } from '../../../ui/pane.tsx';
import { readAgainWithout } from '../../../ui/read-again.ts';
import type { User } from '../user-data.ts';
import { UserWorkDialog } from '../user-work.tsx';

export type AccountQuestion = 'block' | 'delete' | 'password';

interface Reset {
  readonly setUpLink: string;
  readonly expiresDateTime: string;
}

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly user: User;
  readonly question: AccountQuestion | undefined;
  readonly onClose: () => void;
  readonly onGone: () => void;
}

/** What is asked before an account is blocked, deleted, or loses its password. */
export function AccountDialogs({ user, question, onClose, onGone }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [reset, setReset] = useState<Reset>();
  const confirm = async () => {
    if (question === 'delete') {
      await api.send('DELETE', `/v1.0/users/${user.id}`);
      notify.success('User deleted', user.displayName);
      onGone();
      readAgainWithout(client, ['users', 'pools'], [user.id]);
    } else {
      await api.send('PATCH', `/v1.0/users/${user.id}`, { body: { accountEnabled: false } });
      notify.success('Sign-in blocked', user.displayName);
      onClose();
      for (const noun of ['users', 'pools']) void client.invalidateQueries({ queryKey: [noun] });
    }
  };
  return (
    <>
      <UserWorkDialog
        work={question === 'password' ? undefined : question}
        users={[user]}
        onConfirm={confirm}
        onClose={onClose}
      />
      <ConfirmDialog
        open={question === 'password'}
        title={`Reset the password of ${user.displayName}?`}
        confirmLabel="Reset password"
        onConfirm={async () => {
          setReset(await api.send<Reset>('POST', `/v1.0/users/${user.id}/resetPassword`, { body: {} }));
          onClose();
        }}
        onClose={onClose}
      >
        Their password and all of their sessions end at once. You get a link, once, by which they set a new password.
      </ConfirmDialog>
      <Pane open={reset !== undefined} size="small" title="Set-up link" onClose={() => setReset(undefined)}>
        {reset && (
          <div className={styles.body}>
            <Text>
              Send this link to {user.displayName}. It works once, until {formatDateTime(reset.expiresDateTime)}, and is
              shown this once.
            </Text>
            <Field label="Link">
              <Textarea readOnly rows={4} value={reset.setUpLink} onFocus={(event) => event.target.select()} />
            </Field>
            <Button
              icon={<CopyRegular />}
              onClick={() =>
                void navigator.clipboard.writeText(reset.setUpLink).then(
                  () => notify.success('Link copied'),
                  () => notify.error('The link could not be copied', 'Select it above, and copy it by hand.'),
                )
              }
            >
              Copy link
            </Button>
          </div>
        )}
      </Pane>
    </>
  );
}
