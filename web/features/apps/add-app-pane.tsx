import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import type { App } from './app-data.ts';
import { APP_FIELDS, AppFields, bodyOf, isWhole, NEW_APP } from './app-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly onClose: () => void;
  /** With the secret of a web app, which is shown this once. */
  readonly onAdded: (id: string, secret: string | undefined) => void;
}

/** Registers an app. What to put into it comes after, in its own pane. */
export function AddAppPane({ onClose, onAdded }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [values, setValues] = useState(NEW_APP);
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(APP_FIELDS);
  const isReady = values.displayName.trim() !== '' && isWhole(values);
  const save = async () => {
    if (isBusy || !isReady) return;
    failure.clear();
    setBusy(true);
    try {
      const { id } = await api.send<App>('POST', '/v1.0/applications', { body: bodyOf(values) });
      void client.invalidateQueries({ queryKey: ['apps'] });
      notify.success('App added', values.displayName);
      onAdded(id, values.kind === 'web' ? await firstSecret(id) : undefined);
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  // The app is there also where its secret isn't: one more is made in its own pane.
  const firstSecret = async (id: string) => {
    const path = `/v1.0/applications/${id}/addPassword`;
    const made = await api.send<{ secretText: string }>('POST', path, { body: {} }).catch(() => undefined);
    return made?.secretText;
  };
  return (
    <Pane
      open
      title="Add an app"
      parameter="open"
      isDirty={!isBusy && (values.displayName !== '' || values.redirectUris !== '')}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={isBusy || !isReady} onClick={() => void save()}>
          {isBusy ? <Spinner size="tiny" label="Add" /> : 'Add'}
        </Button>
      }
    >
      <div className={styles.form}>
        <AppFields values={values} problems={failure.fields} onChange={setValues} />
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
