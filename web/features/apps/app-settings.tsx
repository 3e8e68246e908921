import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { usePerson } from '../../ui/person.ts';
import { readAgainWithout } from '../../ui/read-again.ts';
import { ErrorState } from '../../ui/states.tsx';
import type { App } from './app-data.ts';
import { APP_FIELDS, AppFields, bodyOf, isWhole, valuesOf, type AppFieldValues } from './app-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface Properties {
  readonly app: App;
  readonly onDirty: (isDirty: boolean) => void;
  readonly onGone: () => void;
}

/** What can be changed of an app; its end. */
export function AppSettings({ app, onDirty, onGone }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const [values, setValues] = useState(valuesOf(app));
  const [isDeleting, setDeleting] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(APP_FIELDS);
  const path = `/v1.0/applications/${app.id}`;
  const isChangedTo = (next: AppFieldValues) => JSON.stringify(bodyOf(next)) !== JSON.stringify(bodyOf(valuesOf(app)));
  const isReady = isChangedTo(values) && isWhole(values) && !isBusy;
  const save = async () => {
    setBusy(true);
    failure.clear();
    try {
      await api.send('PATCH', path, { body: bodyOf(values) });
      await client.invalidateQueries({ queryKey: ['apps'] });
      onDirty(false);
      notify.success('App saved');
    } catch (error) {
      failure.set(error);
    }
    setBusy(false);
  };
  return (
    <div className={styles.form}>
      <AppFields
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
          <Button onClick={() => setDeleting(true)}>Delete</Button>
        </div>
      )}
      <ConfirmDialog
        open={isDeleting}
        title={`Delete ${app.displayName}?`}
        typeName={app.displayName}
        confirmLabel="Delete"
        onConfirm={async () => {
          await api.send('DELETE', path);
          readAgainWithout(client, ['apps'], [app.id]);
          notify.success('App deleted', app.displayName);
          onGone();
        }}
        onClose={() => setDeleting(false)}
      >
        Nobody can sign in to it any more, and its secrets open nothing. Who has claimed a license for it keeps it. An
        app that has auto-claim policies can’t be deleted: delete these first.
      </ConfirmDialog>
    </div>
  );
}
