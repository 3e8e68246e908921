import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { bodyOf, EMPTY, missingOf, USER_FIELDS, UserFields } from './user-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
});

/** Adds a user. They set their password by the link of Reset password, or sign in through an identity provider. */
export function AddUserPane({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [values, setValues] = useState(EMPTY);
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(USER_FIELDS);
  const missing = missingOf(values);
  const save = async () => {
    setTried(true);
    failure.clear();
    if (Object.keys(missing).length > 0 || isBusy) return;
    setBusy(true);
    try {
      await api.send('POST', '/v1.0/users', { body: { ...bodyOf(values, EMPTY), accountEnabled: true } });
      void client.invalidateQueries({ queryKey: ['users'] });
      notify.success('User added', values.displayName);
      onClose();
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title="Add a user"
      parameter="open"
      isDirty={!isBusy && Object.keys(bodyOf(values, EMPTY)).length > 0}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={isBusy} onClick={() => void save()}>
          {isBusy ? <Spinner size="tiny" label="Add" /> : 'Add'}
        </Button>
      }
    >
      <div className={styles.form}>
        <UserFields
          values={values}
          onChange={setValues}
          problems={{ ...(isTried && missing), ...failure.fields }}
          mayChange={() => true}
        />
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
