import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ForwardAuth, ForwardAuthSecret } from '../../../../contract/forward-auth.ts';
import { useApi } from '../../../ui/api.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { useFormFailure } from '../../../ui/form-failure.ts';
import { useNotify } from '../../../ui/notifications.tsx';
import { usePerson } from '../../../ui/person.ts';
import { ErrorState } from '../../../ui/states.tsx';
import type { App } from '../app-data.ts';
import { FORWARD_AUTH_PATH } from './forward-auth-data.ts';
import { bodyOf, FORWARD_AUTH_FIELDS, ForwardAuthFields, isWhole, valuesOf } from './forward-auth-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface Properties {
  readonly app: App;
  /** null: it is to be set up. */
  readonly forwardAuth: ForwardAuth | null;
  /** It was made since the tab was opened, and is shown as soon as there is a use for it. */
  readonly isSecretKnown: boolean;
  readonly onDirty: (isDirty: boolean) => void;
  readonly onSecret: (secret: string | undefined) => void;
}

/** Sets forward auth up, changes it, gives it another secret, ends it. */
export function ForwardAuthSettings({ app, forwardAuth, isSecretKnown, onDirty, onSecret }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const [values, setValues] = useState(valuesOf(forwardAuth));
  const [question, setQuestion] = useState<'secret' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(FORWARD_AUTH_FIELDS);
  const path = `${FORWARD_AUTH_PATH}/${forwardAuth?.id ?? ''}`;
  const isChangedTo = (next: typeof values) =>
    JSON.stringify(bodyOf(next)) !== JSON.stringify(bodyOf(valuesOf(forwardAuth)));
  const isReady = isChangedTo(values) && isWhole(values) && !isBusy;
  const readAgain = () => client.invalidateQueries({ queryKey: ['forward auth', app.appId] });
  const newSecret = async () => {
    const { secretText } = await api.send<ForwardAuthSecret>('POST', `${path}/rotateSecret`, { body: {} });
    // First of all: the one before opens nothing any more.
    onSecret(secretText);
    await readAgain();
  };
  const save = async () => {
    setBusy(true);
    failure.clear();
    const body = bodyOf(values);
    try {
      if (forwardAuth) {
        await api.send('PATCH', path, { body });
        // What was made for no trusted proxy was shown nowhere, and is known here only since it was made.
        const isFirstTrusted = forwardAuth.trustedAddresses.length === 0 && body.trustedAddresses.length > 0;
        if (isFirstTrusted && !isSecretKnown) await newSecret();
        notify.success('Forward auth saved');
      } else {
        const made = await api.send<ForwardAuthSecret>('POST', FORWARD_AUTH_PATH, {
          body: { appId: app.appId, ...body },
        });
        onSecret(made.secretText);
        notify.success('Forward auth set up', app.displayName);
      }
      await readAgain();
      onDirty(false);
    } catch (error) {
      failure.set(error);
    }
    setBusy(false);
  };
  const label = forwardAuth ? 'Save' : 'Set up';
  return (
    <div className={styles.form}>
      <ForwardAuthFields
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
            {isBusy ? <Spinner size="tiny" label={label} /> : label}
          </Button>
          {forwardAuth && forwardAuth.trustedAddresses.length > 0 && (
            <Button onClick={() => setQuestion('secret')}>New secret</Button>
          )}
          {forwardAuth && <Button onClick={() => setQuestion('delete')}>End forward auth</Button>}
        </div>
      )}
      <ConfirmDialog
        open={question === 'secret'}
        title={`Make a new secret for the proxy of ${app.displayName}?`}
        confirmLabel="New secret"
        onConfirm={async () => {
          await newSecret();
          setQuestion(undefined);
        }}
        onClose={() => setQuestion(undefined)}
      >
        The word of a proxy that has the one before is nothing within three seconds: people are asked to sign in until
        you have put the new one there.
      </ConfirmDialog>
      <ConfirmDialog
        open={question === 'delete'}
        title={`End forward auth for ${app.displayName}?`}
        confirmLabel="End forward auth"
        onConfirm={async () => {
          await api.send('DELETE', path);
          onSecret(undefined);
          onDirty(false);
          setQuestion(undefined);
          notify.success('Forward auth ended', app.displayName);
          await readAgain();
        }}
        onClose={() => setQuestion(undefined)}
      >
        Nobody is let in by a proxy that still asks. Who has claimed a license keeps it.
      </ConfirmDialog>
    </div>
  );
}
