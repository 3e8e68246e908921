import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count } from '../../ui/number.ts';
import { usePerson } from '../../ui/person.ts';
import { readAgainWithout } from '../../ui/read-again.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useMemberCount, usePolicyCount, type Group } from './group-data.ts';
import { GROUP_FIELDS, GroupFields, problemsOf } from './group-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  line: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface Properties {
  readonly group: Group;
  readonly onDirty: (isDirty: boolean) => void;
  readonly onGone: () => void;
}

/** A group's name and description, and deleting it. */
export function GroupSettings({ group, onDirty, onGone }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const person = usePerson();
  const mayWrite = person.may('Group.ReadWrite.All');
  const members = useMemberCount(group.id);
  const policies = usePolicyCount(group.id, person.may('AutoClaimPolicy.Read.All'));
  const before = { displayName: group.displayName, description: group.description ?? '' };
  const [values, setValues] = useState(before);
  const [isBusy, setBusy] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const failure = useFormFailure(GROUP_FIELDS);
  const problems = problemsOf(values);
  const isDirty = values.displayName !== before.displayName || values.description !== before.description;
  useEffect(() => onDirty(isDirty), [isDirty, onDirty]);
  useEffect(() => () => onDirty(false), [onDirty]);
  const save = async () => {
    failure.clear();
    if (!isDirty || isBusy || Object.keys(problems).length > 0) return;
    setBusy(true);
    try {
      const body = { displayName: values.displayName.trim(), description: values.description.trim() || null };
      await api.send('PATCH', `/v1.0/groups/${group.id}`, { body });
      await client.invalidateQueries({ queryKey: ['groups'] });
      setValues({ displayName: body.displayName, description: body.description ?? '' });
      notify.success('Group changed', body.displayName);
    } catch (error) {
      failure.set(error);
    }
    setBusy(false);
  };
  return (
    <div className={styles.form}>
      <GroupFields
        values={values}
        onChange={setValues}
        problems={{ ...problems, ...failure.fields }}
        isReadOnly={!mayWrite}
      />
      {failure.form && <ErrorState error={failure.form} />}
      {mayWrite ? (
        <div className={styles.line}>
          <Button appearance="primary" disabledFocusable={!isDirty || isBusy} onClick={() => void save()}>
            {isBusy ? <Spinner size="tiny" label="Save" /> : 'Save'}
          </Button>
          <Button disabledFocusable={isDirty} onClick={() => !isDirty && setDeleting(true)}>
            Delete group
          </Button>
        </div>
      ) : (
        <Text>Your role lets you see this and not change it.</Text>
      )}
      <ConfirmDialog
        open={isDeleting}
        title={`Delete the group ${group.displayName}?`}
        confirmLabel="Delete"
        onConfirm={async () => {
          await api.send('DELETE', `/v1.0/groups/${group.id}`);
          notify.success('Group deleted', group.displayName);
          onGone();
          readAgainWithout(client, ['groups', 'policies'], [group.id]);
        }}
        onClose={() => setDeleting(false)}
      >
        {members.data === undefined ? 'Its members' : count(members.data, 'member')} will not be in it any more; they
        are not deleted themselves.
        {policies !== undefined &&
          policies > 0 &&
          ` ${count(policies, 'auto-claim policy names', 'auto-claim policies name')} it: there it will match nobody.`}{' '}
        This can’t be undone.
      </ConfirmDialog>
    </div>
  );
}
