import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { AddRegular, DeleteRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { DateTime } from '../../ui/date-time.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import type { App } from './app-data.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, alignItems: 'flex-start' },
  list: { listStyleType: 'none', margin: 0, padding: 0, width: '100%' },
  secret: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
    paddingBlock: tokens.spacingVerticalS,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  facts: { display: 'flex', flexDirection: 'column', minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

type Secret = App['passwordCredentials'][number];

interface Properties {
  readonly app: App;
  readonly onSecret: (text: string) => void;
}

/** The app's secrets: one more, shown once, so that they can be changed one after the other; one less. */
export function AppSecrets({ app, onSecret }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const [removed, setRemoved] = useState<Secret>();
  const path = `/v1.0/applications/${app.id}`;
  const add = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { secretText } = await api.send<{ secretText: string }>('POST', `${path}/addPassword`, { body: {} });
      await client.invalidateQueries({ queryKey: ['apps'] });
      onSecret(secretText);
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
      setBusy(false);
    }
  };
  const { passwordCredentials: secrets } = app;
  return (
    <div className={styles.body}>
      <Text>
        By a secret the app proves itself: as people sign in to it, and where it calls the API for itself. Two may be
        good at the same time, so the next can be put into the app before the last is removed.
      </Text>
      {secrets.length === 0 && <Text>The app has no secret.</Text>}
      <ul className={styles.list} aria-label="Secrets">
        {secrets.map((secret) => (
          <li key={secret.keyId} className={styles.secret}>
            <span className={styles.facts}>
              <Text weight="semibold">{secret.displayName ?? 'Secret'}</Text>
              <Text className={styles.quiet}>
                Begins with {secret.hint}… Ends <DateTime value={secret.endDateTime} />
              </Text>
            </span>
            {mayWrite && (
              <Button
                icon={<DeleteRegular />}
                aria-label={`Remove the secret that begins with ${secret.hint}`}
                onClick={() => setRemoved(secret)}
              />
            )}
          </li>
        ))}
      </ul>
      {failure && <ErrorState error={failure} />}
      {mayWrite && (
        <Button icon={<AddRegular />} disabledFocusable={isBusy} onClick={() => !isBusy && void add()}>
          {isBusy ? <Spinner size="tiny" label="Add a secret" /> : 'Add a secret'}
        </Button>
      )}
      <ConfirmDialog
        open={removed !== undefined}
        title={`Remove the secret that begins with ${removed?.hint ?? ''}?`}
        confirmLabel="Remove"
        onConfirm={async () => {
          await api.send('POST', `${path}/removePassword`, { body: { keyId: removed!.keyId } });
          await client.invalidateQueries({ queryKey: ['apps'] });
          setRemoved(undefined);
          notify.success('Secret removed');
        }}
        onClose={() => setRemoved(undefined)}
      >
        It opens nothing from that moment. Where the app still uses it, nobody can sign in to it.
      </ConfirmDialog>
    </div>
  );
}
