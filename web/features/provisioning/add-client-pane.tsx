import { Button, Dropdown, Field, makeStyles, Option, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProvisioningKind, ProvisioningToken } from '../../../contract/provisioning-client.ts';
import { useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { CLIENTS_PATH, KINDS, PROVIDERS } from './client-data.ts';
import { CLIENT_FIELDS, ClientFields, type ClientValues } from './client-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly onClose: () => void;
  readonly onAdded: (made: ProvisioningToken) => void;
}

/** Adds a provisioning client; what to do at the provider comes after, in its own pane. */
export function AddClientPane({ onClose, onAdded }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [kind, setKind] = useState<ProvisioningKind>('entra');
  const [values, setValues] = useState<ClientValues>({ displayName: PROVIDERS.entra, releasesLicenses: true });
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(CLIENT_FIELDS);
  const choose = (next: ProvisioningKind) => {
    // The name that was offered follows; one that was typed stays.
    if (values.displayName === PROVIDERS[kind]) setValues({ ...values, displayName: PROVIDERS[next] });
    setKind(next);
  };
  const save = async () => {
    if (isBusy) return;
    failure.clear();
    setBusy(true);
    try {
      const body = { kind, ...values, displayName: values.displayName.trim() };
      const made = await api.send<ProvisioningToken>('POST', CLIENTS_PATH, { body });
      void client.invalidateQueries({ queryKey: ['provisioning'] });
      notify.success('Provisioning client added', body.displayName);
      onAdded(made);
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title="Add a provisioning client"
      parameter="open"
      isDirty={!isBusy && values.displayName !== PROVIDERS[kind]}
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
            value={PROVIDERS[kind]}
            selectedOptions={[kind]}
            onOptionSelect={(_, { optionValue }) => choose(optionValue as ProvisioningKind)}
          >
            {KINDS.map((one) => (
              <Option key={one} value={one}>
                {PROVIDERS[one]}
              </Option>
            ))}
          </Dropdown>
        </Field>
        <ClientFields values={values} problems={failure.fields} onChange={setValues} />
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
