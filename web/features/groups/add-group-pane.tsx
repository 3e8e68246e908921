import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { GROUP_FIELDS, GroupFields, problemsOf } from './group-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

/** Adds a group; members are added in its own pane. */
export function AddGroupPane({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [values, setValues] = useState({ displayName: '', description: '' });
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(GROUP_FIELDS);
  const problems = problemsOf(values);
  const save = async () => {
    setTried(true);
    failure.clear();
    if (Object.keys(problems).length > 0 || isBusy) return;
    setBusy(true);
    try {
      const body = { displayName: values.displayName.trim(), description: values.description.trim() || null };
      await api.send('POST', '/v1.0/groups', { body });
      void client.invalidateQueries({ queryKey: ['groups'] });
      notify.success('Group added', values.displayName);
      onClose();
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title="Add a group"
      parameter="open"
      isDirty={!isBusy && (values.displayName !== '' || values.description !== '')}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={isBusy} onClick={() => void save()}>
          {isBusy ? <Spinner size="tiny" label="Add" /> : 'Add'}
        </Button>
      }
    >
      <div className={styles.form}>
        <GroupFields values={values} onChange={setValues} problems={{ ...(isTried && problems), ...failure.fields }} />
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
