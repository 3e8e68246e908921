import { Button, makeStyles, Spinner, Switch, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { CopyField } from '../../ui/copy-field.tsx';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { formatNumber } from '../../ui/number.ts';
import { usePerson } from '../../ui/person.ts';
import { readAgainWithout } from '../../ui/read-again.ts';
import { ErrorState } from '../../ui/states.tsx';
import { WRITES, type Provider } from './provider-data.ts';
import { domainsOf, PROVIDER_FIELDS, ProviderFields, type ProviderValues } from './provider-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface Properties {
  readonly provider: Provider;
  readonly onDirty: (isDirty: boolean) => void;
  readonly onGone: () => void;
}

/** What can be changed of an identity provider; a test of it; its end. */
export function ProviderSettings({ provider, onDirty, onGone }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may(WRITES);
  const [values, setValues] = useState(valuesOf(provider));
  const [isEnabled, setEnabled] = useState(provider.isEnabled);
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(PROVIDER_FIELDS);
  const path = `/v1.0/admin/identityProviders/${provider.id}`;
  const isChangedTo = (next: ProviderValues, enabled: boolean) =>
    enabled !== provider.isEnabled || JSON.stringify(next) !== JSON.stringify(valuesOf(provider));
  const isChanged = isChangedTo(values, isEnabled);
  const change = (next: ProviderValues, enabled: boolean) => {
    setValues(next);
    setEnabled(enabled);
    onDirty(isChangedTo(next, enabled));
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    failure.clear();
    try {
      await work();
    } catch (error) {
      failure.set(error);
    }
    setBusy(false);
  };
  const save = () =>
    attempt(async () => {
      const { displayName, clientId, clientSecret, domains } = values;
      const body = {
        isEnabled,
        displayName: displayName.trim(),
        clientId: clientId.trim(),
        domains: domainsOf(domains),
        ...(clientSecret !== '' && { clientSecret: clientSecret.trim() }),
      };
      await api.send('PATCH', path, { body });
      setValues({ ...values, clientSecret: '' });
      await client.invalidateQueries({ queryKey: ['identityProviders'] });
      onDirty(false);
      notify.success('Identity provider saved');
    });
  const test = () =>
    attempt(async () => {
      const { address } = await api.send<{ address: string }>('POST', `${path}/test`, { body: {} });
      window.open(address, '_blank', 'noopener');
    });
  return (
    <div className={styles.form}>
      <Switch
        label={isEnabled ? 'On' : 'Off: nobody can sign in by it'}
        checked={isEnabled}
        disabled={!mayWrite}
        onChange={(_, { checked }) => change(values, checked)}
      />
      {mayWrite && (
        <div className={styles.form}>
          <Text>
            A test opens the provider in a new window and shows what comes back and who it would be. It changes nothing,
            and signs nobody in.
          </Text>
          <div className={styles.buttons}>
            <Button disabledFocusable={isChanged || isBusy} onClick={() => !isChanged && void test()}>
              Test sign-in
            </Button>
          </div>
        </div>
      )}
      <ProviderFields
        kind={provider.kind}
        values={values}
        problems={failure.fields}
        secretHint={provider.secretHint}
        isReadOnly={!mayWrite}
        onChange={(next) => change(next, isEnabled)}
      />
      <CopyField label="Redirect URI" value={provider.redirectUri} rows={2} />
      {failure.form && <ErrorState error={failure.form} />}
      {mayWrite ? (
        <div className={styles.buttons}>
          <Button
            appearance="primary"
            disabledFocusable={!isChanged || isBusy}
            onClick={() => isChanged && void save()}
          >
            {isBusy ? <Spinner size="tiny" label="Save" /> : 'Save'}
          </Button>
          <Button onClick={() => setAsking(true)}>Delete</Button>
        </div>
      ) : (
        <Text>Only a Global admin can change this.</Text>
      )}
      <ConfirmDialog
        open={isAsking}
        title={`Delete ${provider.displayName}?`}
        confirmLabel="Delete"
        typeName={provider.displayName}
        onConfirm={async () => {
          await api.send('DELETE', path);
          readAgainWithout(client, ['identityProviders'], [provider.id]);
          notify.success('Identity provider deleted', provider.displayName);
          onGone();
        }}
        onClose={() => setAsking(false)}
      >
        Nobody can sign in by it any more. {formatNumber(provider.linkedUserCount)} users have done so; they and their
        licenses stay, but who they are at the provider is forgotten.
      </ConfirmDialog>
    </div>
  );
}

function valuesOf({ displayName, issuer, clientId, domains }: Provider): ProviderValues {
  return { displayName, issuer, clientId, clientSecret: '', domains: domains.join('\n') };
}
