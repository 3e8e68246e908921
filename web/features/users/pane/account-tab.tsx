import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useApi } from '../../../ui/api.ts';
import { useFormFailure } from '../../../ui/form-failure.ts';
import { useNotify } from '../../../ui/notifications.tsx';
import { usePerson } from '../../../ui/person.ts';
import { ErrorState } from '../../../ui/states.tsx';
import { StatusBadge } from '../../../ui/status-badge.tsx';
import type { User } from '../user-data.ts';
import { bodyOf, missingOf, USER_FIELDS, UserFields, valuesOf } from '../user-fields.tsx';
import { AccountDialogs, type AccountQuestion } from './account-dialogs.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  line: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
});

interface Properties {
  readonly user: User;
  readonly onDirty: (isDirty: boolean) => void;
  readonly onGone: () => void;
}

/** Who a user is, and whether they may sign in. */
export function AccountTab({ user, onDirty, onGone }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const person = usePerson();
  const mayWrite = person.may('User.ReadWrite.All');
  const maySetLocation = mayWrite || person.may('User.UsageLocation.ReadWrite.All');
  const before = valuesOf(user);
  const [values, setValues] = useState(before);
  const [isBusy, setBusy] = useState(false);
  const [question, setQuestion] = useState<AccountQuestion>();
  const failure = useFormFailure(USER_FIELDS);
  const body = bodyOf(values, before);
  const isDirty = Object.keys(body).length > 0;
  useEffect(() => onDirty(isDirty), [isDirty, onDirty]);
  useEffect(() => () => onDirty(false), [onDirty]);
  const missing = missingOf(values);
  const save = async () => {
    failure.clear();
    if (!isDirty || isBusy || Object.keys(missing).length > 0) return;
    setBusy(true);
    try {
      await api.send('PATCH', `/v1.0/users/${user.id}`, { body });
      await client.invalidateQueries({ queryKey: ['users'] });
      notify.success('User changed', values.displayName);
    } catch (error) {
      failure.set(error);
    }
    setBusy(false);
  };
  const unblock = async () => {
    try {
      await api.send('PATCH', `/v1.0/users/${user.id}`, { body: { accountEnabled: true } });
      void client.invalidateQueries({ queryKey: ['users'] });
      notify.success('Sign-in is allowed again', user.displayName);
    } catch (error) {
      failure.set(error);
    }
  };
  return (
    <div className={styles.form}>
      <div className={styles.line}>
        <StatusBadge tone={user.accountEnabled ? 'good' : 'bad'}>
          {user.accountEnabled ? 'Sign-in allowed' : 'Sign-in blocked'}
        </StatusBadge>
        {mayWrite && (
          <>
            {user.accountEnabled ? (
              <Button size="small" onClick={() => setQuestion('block')}>
                Block sign-in
              </Button>
            ) : (
              <Button size="small" onClick={() => void unblock()}>
                Allow sign-in
              </Button>
            )}
            <Button size="small" onClick={() => setQuestion('password')}>
              Reset password
            </Button>
            <Button size="small" onClick={() => setQuestion('delete')}>
              Delete user
            </Button>
          </>
        )}
      </div>
      <UserFields
        values={values}
        onChange={setValues}
        problems={{ ...missing, ...failure.fields }}
        mayChange={(name) => mayWrite || (name === 'usageLocation' && maySetLocation)}
      />
      {failure.form && <ErrorState error={failure.form} />}
      {maySetLocation ? (
        <div className={styles.line}>
          <Button appearance="primary" disabledFocusable={!isDirty || isBusy} onClick={() => void save()}>
            {isBusy ? <Spinner size="tiny" label="Save" /> : 'Save'}
          </Button>
          {isDirty && <Button onClick={() => setValues(before)}>Undo changes</Button>}
        </div>
      ) : (
        <Text>Your role lets you see this and not change it.</Text>
      )}
      <AccountDialogs user={user} question={question} onClose={() => setQuestion(undefined)} onGone={onGone} />
    </div>
  );
}
