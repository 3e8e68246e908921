import { Button, Dropdown, Field, Input, makeStyles, Option, Spinner, Text, tokens } from '@fluentui/react-components';
import { AddRegular, DeleteRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useApps, type Hook } from './hook-data.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, alignItems: 'flex-start' },
  row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'flex-end', width: '100%' },
  field: { flexGrow: 1, flexBasis: '200px', minWidth: 0 },
  box: { minWidth: 0, width: '100%' },
});

interface Properties {
  readonly hook: Hook;
  readonly onDirty: (isDirty: boolean) => void;
}

/** Which of the provider's apps is which of ours. */
export function HookApps({ hook, onDirty }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const { data: apps = [], error } = useApps();
  const [rows, setRows] = useState(hook.apps);
  const [failure, setFailure] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const change = (next: Hook['apps']) => {
    setRows(next);
    onDirty(JSON.stringify(next) !== JSON.stringify(hook.apps));
  };
  const isWhole = rows.every(({ clientId, appId }) => clientId.trim() !== '' && appId !== '');
  const isChanged = JSON.stringify(rows) !== JSON.stringify(hook.apps);
  const save = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const body = { apps: rows.map(({ clientId, appId }) => ({ clientId: clientId.trim(), appId })) };
      await api.send('PATCH', `/v1.0/admin/signInHooks/${hook.id}`, { body });
      await client.invalidateQueries({ queryKey: ['hooks'] });
      onDirty(false);
      notify.success('Apps saved');
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown : Error(String(thrown)));
    }
    setBusy(false);
  };
  const isUnmapped =
    hook.lastUnmappedClientId !== null && !rows.some(({ clientId }) => clientId === hook.lastUnmappedClientId);
  return (
    <div className={styles.body}>
      <Text>
        An app whose id here is the provider’s client id needs no line. All others do: sign-ins to what isn’t here are
        answered without claims.
      </Text>
      {error && <ErrorState error={error} />}
      {rows.map(({ clientId, appId }, index) => (
        <div key={index} className={styles.row}>
          <Field label="Client id at the provider" className={styles.field}>
            <Input
              value={clientId}
              readOnly={!mayWrite}
              maxLength={256}
              onChange={(_, { value }) => change(rows.with(index, { clientId: value, appId }))}
            />
          </Field>
          <Field label="App" className={styles.field}>
            <Dropdown
              className={styles.box}
              disabled={!mayWrite}
              value={apps.find((app) => app.appId === appId)?.displayName ?? appId}
              selectedOptions={[appId]}
              onOptionSelect={(_, { optionValue }) => change(rows.with(index, { clientId, appId: optionValue ?? '' }))}
            >
              {apps.map((app) => (
                <Option key={app.appId} value={app.appId}>
                  {app.displayName}
                </Option>
              ))}
            </Dropdown>
          </Field>
          {mayWrite && (
            <Button
              icon={<DeleteRegular />}
              aria-label={`Remove ${clientId || 'the line'}`}
              onClick={() => change(rows.toSpliced(index, 1))}
            />
          )}
        </div>
      ))}
      {mayWrite && isUnmapped && (
        <Button
          icon={<AddRegular />}
          onClick={() => change([...rows, { clientId: hook.lastUnmappedClientId!, appId: '' }])}
        >
          Add {hook.lastUnmappedClientId}, to which people sign in
        </Button>
      )}
      {mayWrite && (
        <Button icon={<AddRegular />} onClick={() => change([...rows, { clientId: '', appId: '' }])}>
          Add an app
        </Button>
      )}
      {failure && <ErrorState error={failure} />}
      {mayWrite && (
        <Button
          appearance="primary"
          disabledFocusable={!isChanged || !isWhole || isBusy}
          onClick={() => isChanged && isWhole && void save()}
        >
          {isBusy ? <Spinner size="tiny" label="Save" /> : 'Save'}
        </Button>
      )}
    </div>
  );
}
