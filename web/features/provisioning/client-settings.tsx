import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProvisioningToken } from '../../../contract/provisioning-client.ts';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count } from '../../ui/number.ts';
import { usePerson } from '../../ui/person.ts';
import { readAgainWithout } from '../../ui/read-again.ts';
import { ErrorState } from '../../ui/states.tsx';
import { CLIENTS_PATH, type Client } from './client-data.ts';
import { CLIENT_FIELDS, ClientFields, type ClientValues } from './client-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface Properties {
  readonly client: Client;
  readonly onDirty: (isDirty: boolean) => void;
  readonly onToken: (id: string, token: string) => void;
  readonly onGone: () => void;
}

/** What can be changed of a provisioning client; its token; its end. */
export function ClientSettings({ client, onDirty, onToken, onGone }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const queries = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const before: ClientValues = { displayName: client.displayName, releasesLicenses: client.releasesLicenses };
  const [values, setValues] = useState(before);
  const [question, setQuestion] = useState<'token' | 'revoke' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(CLIENT_FIELDS);
  const path = `${CLIENTS_PATH}/${client.id}`;
  const isChangedTo = (next: ClientValues) =>
    next.displayName.trim() !== before.displayName || next.releasesLicenses !== before.releasesLicenses;
  const isReady = isChangedTo(values) && values.displayName.trim() !== '' && !isBusy;
  const readAgain = () => queries.invalidateQueries({ queryKey: ['provisioning'] });
  const close = () => setQuestion(undefined);
  const save = async () => {
    setBusy(true);
    failure.clear();
    try {
      await api.send('PATCH', path, { body: { ...values, displayName: values.displayName.trim() } });
      await readAgain();
      onDirty(false);
      notify.success('Provisioning client saved');
    } catch (error) {
      failure.set(error);
    }
    setBusy(false);
  };
  return (
    <div className={styles.form}>
      <ClientFields
        values={values}
        problems={failure.fields}
        isReadOnly={!mayWrite}
        onChange={(next) => {
          setValues(next);
          onDirty(isChangedTo(next));
        }}
      />
      {failure.form && <ErrorState error={failure.form} />}
      {mayWrite && (
        <div className={styles.buttons}>
          <Button appearance="primary" disabledFocusable={!isReady} onClick={() => isReady && void save()}>
            {isBusy ? <Spinner size="tiny" label="Save" /> : 'Save'}
          </Button>
          <Button onClick={() => setQuestion('token')}>New token</Button>
          {!client.isRevoked && <Button onClick={() => setQuestion('revoke')}>Revoke token</Button>}
          <Button onClick={() => setQuestion('delete')}>Delete</Button>
        </div>
      )}
      <ConfirmDialog
        open={question === 'token'}
        title={`Make a new token for ${client.displayName}?`}
        confirmLabel="New token"
        onConfirm={async () => {
          const { tokenText } = await api.send<ProvisioningToken>('POST', `${path}/rotateToken`, { body: {} });
          onToken(client.id, tokenText);
          close();
          await readAgain();
        }}
        onClose={close}
      >
        The one before opens nothing within three seconds. Users and groups aren’t kept up until you have put the new
        one there.
      </ConfirmDialog>
      <ConfirmDialog
        open={question === 'revoke'}
        title={`Revoke the token of ${client.displayName}?`}
        confirmLabel="Revoke token"
        onConfirm={async () => {
          await api.send('POST', `${path}/revokeToken`, { body: {} });
          close();
          notify.success('Token revoked', client.displayName);
          await readAgain();
        }}
        onClose={close}
      >
        Within three seconds nothing is kept up by it any more. {count(client.userCount, 'user')} and{' '}
        {count(client.groupCount, 'group')} that it knows stay as they are.
      </ConfirmDialog>
      <ConfirmDialog
        open={question === 'delete'}
        title={`Delete ${client.displayName}?`}
        confirmLabel="Delete"
        onConfirm={async () => {
          await api.send('DELETE', path);
          readAgainWithout(queries, ['provisioning'], [client.id]);
          notify.success('Provisioning client deleted', client.displayName);
          onGone();
        }}
        onClose={close}
      >
        {count(client.userCount, 'user')} and {count(client.groupCount, 'group')} stay, but what it has told of them,
        its own ids among it, is forgotten.
      </ConfirmDialog>
    </div>
  );
}
