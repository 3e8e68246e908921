import { Button, makeStyles, Spinner, Switch, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SignInHookSecret } from '../../../contract/sign-in-hook.ts';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { usePerson } from '../../ui/person.ts';
import { readAgainWithout } from '../../ui/read-again.ts';
import { ErrorState } from '../../ui/states.tsx';
import { PROVIDERS, type Hook } from './hook-data.ts';
import { bodyOf, HOOK_FIELDS, HookFields, type HookFieldValues } from './hook-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface Properties {
  readonly hook: Hook;
  readonly onDirty: (isDirty: boolean) => void;
  readonly onSecret: (id: string, secret: string) => void;
  readonly onGone: () => void;
}

/** What can be changed of a hook; its secret; its end. */
export function HookSettings({ hook, onDirty, onSecret, onGone }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const before = { ...valuesOf(hook), isEnabled: hook.isEnabled };
  const [values, setValues] = useState<HookFieldValues>(valuesOf(hook));
  const [isEnabled, setEnabled] = useState(hook.isEnabled);
  const [question, setQuestion] = useState<'secret' | 'delete'>();
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(HOOK_FIELDS);
  const path = `/v1.0/admin/signInHooks/${hook.id}`;
  const isChanged = (next: HookFieldValues, enabled: boolean) =>
    JSON.stringify({ ...next, isEnabled: enabled }) !== JSON.stringify(before);
  const change = (next: HookFieldValues, enabled: boolean) => {
    setValues(next);
    setEnabled(enabled);
    onDirty(isChanged(next, enabled));
  };
  const save = async () => {
    setBusy(true);
    failure.clear();
    try {
      await api.send('PATCH', path, { body: { ...bodyOf(hook.kind, values), isEnabled } });
      await client.invalidateQueries({ queryKey: ['hooks'] });
      onDirty(false);
      notify.success('Hook saved');
    } catch (error) {
      failure.set(error);
    }
    setBusy(false);
  };
  return (
    <div className={styles.form}>
      <Switch
        label={isEnabled ? 'On' : 'Off: sign-ins go on without claims, and nobody claims'}
        checked={isEnabled}
        disabled={!mayWrite}
        onChange={(_, { checked }) => change(values, checked)}
      />
      <HookFields
        kind={hook.kind}
        values={values}
        problems={failure.fields}
        isReadOnly={!mayWrite}
        onChange={(next) => change(next, isEnabled)}
      />
      {failure.form && <ErrorState error={failure.form} />}
      {mayWrite && (
        <div className={styles.buttons}>
          <Button
            appearance="primary"
            disabledFocusable={!isChanged(values, isEnabled) || isBusy}
            onClick={() => isChanged(values, isEnabled) && void save()}
          >
            {isBusy ? <Spinner size="tiny" label="Save" /> : 'Save'}
          </Button>
          {hook.kind !== 'entra' && <Button onClick={() => setQuestion('secret')}>New secret</Button>}
          <Button onClick={() => setQuestion('delete')}>Delete</Button>
        </div>
      )}
      <ConfirmDialog
        open={question === 'secret'}
        title={`Make a new secret for ${hook.displayName}?`}
        confirmLabel="New secret"
        onConfirm={async () => {
          const { secretText } = await api.send<SignInHookSecret>('POST', `${path}/rotateSecret`, { body: {} });
          await client.invalidateQueries({ queryKey: ['hooks'] });
          setQuestion(undefined);
          onSecret(hook.id, secretText!);
        }}
        onClose={() => setQuestion(undefined)}
      >
        The secret that {PROVIDERS[hook.kind]} has now opens nothing within three seconds. Its events are refused until
        you have put the new one there.
      </ConfirmDialog>
      <ConfirmDialog
        open={question === 'delete'}
        title={`Delete ${hook.displayName}?`}
        confirmLabel="Delete"
        onConfirm={async () => {
          await api.send('DELETE', path);
          readAgainWithout(client, ['hooks'], [hook.id]);
          notify.success('Hook deleted', hook.displayName);
          onGone();
        }}
        onClose={() => setQuestion(undefined)}
      >
        {hook.kind === 'entra'
          ? 'While Entra ID still calls it, nobody can sign in to the apps that use it: take the custom claims provider off these first. '
          : 'Sign-ins that it tells of are refused from then on. '}
        Who has claimed a license keeps it.
      </ConfirmDialog>
    </div>
  );
}

function valuesOf(hook: Hook): HookFieldValues {
  return {
    displayName: hook.displayName,
    entraTenantId: hook.entraTenantId ?? '',
    entraAudience: hook.entraAudience ?? '',
    entraCloud: (hook.entraCloud ?? 'global') as HookFieldValues['entraCloud'],
    userNameDomain: hook.userNameDomain ?? '',
    onRefusal: hook.onRefusal,
  };
}
