import { Button, Dropdown, Field, makeStyles, Option, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProviderKind } from '../../../contract/identity-provider.ts';
import { useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { KIND_NAMES, KINDS, type Provider } from './provider-data.ts';
import { domainsOf, PROVIDER_FIELDS, ProviderFields } from './provider-fields.tsx';
import { ProviderSteps } from './provider-steps.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});
const GOOGLE = 'https://accounts.google.com';

interface Properties {
  readonly redirectUri: string;
  readonly onClose: () => void;
  readonly onAdded: (id: string) => void;
}

/** Adds an identity provider, with what to do there first. */
export function AddProviderPane({ redirectUri, onClose, onAdded }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [kind, setKind] = useState<ProviderKind>('entra');
  const empty = { issuer: '', clientId: '', clientSecret: '', domains: '' };
  const [values, setValues] = useState({ displayName: KIND_NAMES.entra, ...empty });
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(PROVIDER_FIELDS);
  const choose = (next: ProviderKind) => {
    // What was offered follows; what was typed stays.
    const nameOf = (one: ProviderKind) => (one === 'oidc' ? '' : KIND_NAMES[one]);
    const displayName = values.displayName === nameOf(kind) ? nameOf(next) : values.displayName;
    const issuer = next === 'google' ? GOOGLE : values.issuer === GOOGLE ? '' : values.issuer;
    setValues({ ...values, displayName, issuer });
    setKind(next);
  };
  const save = async () => {
    if (isBusy) return;
    failure.clear();
    setBusy(true);
    try {
      const made = await api.send<Provider>('POST', '/v1.0/admin/identityProviders', {
        body: {
          kind,
          displayName: values.displayName.trim(),
          issuer: values.issuer.trim(),
          clientId: values.clientId.trim(),
          clientSecret: values.clientSecret.trim(),
          domains: domainsOf(values.domains),
        },
      });
      void client.invalidateQueries({ queryKey: ['identityProviders'] });
      notify.success('Identity provider added', made.displayName);
      onAdded(made.id);
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title="Add an identity provider"
      parameter="open"
      isDirty={!isBusy && (values.clientId !== '' || values.clientSecret !== '')}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={isBusy} onClick={() => void save()}>
          {isBusy ? <Spinner size="tiny" label="Add" /> : 'Add'}
        </Button>
      }
    >
      <div className={styles.form}>
        <Field label="Identity provider">
          <Dropdown
            value={KIND_NAMES[kind]}
            selectedOptions={[kind]}
            onOptionSelect={(_, { optionValue }) => choose(optionValue as ProviderKind)}
          >
            {KINDS.map((one) => (
              <Option key={one} value={one}>
                {KIND_NAMES[one]}
              </Option>
            ))}
          </Dropdown>
        </Field>
        <ProviderSteps kind={kind} redirectUri={redirectUri} />
        <ProviderFields kind={kind} values={values} problems={failure.fields} onChange={setValues} />
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
