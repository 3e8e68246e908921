import { Button, Dropdown, Field, makeStyles, Option, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { HookKind, SignInHookSecret } from '../../../contract/sign-in-hook.ts';
import { useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { KINDS, PROVIDERS } from './hook-data.ts';
import { bodyOf, HOOK_FIELDS, HookFields, NO_VALUES } from './hook-fields.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly onClose: () => void;
  readonly onAdded: (hook: SignInHookSecret) => void;
}

/** Adds a hook; what to do at the provider comes after, in its own pane. */
export function AddHookPane({ onClose, onAdded }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [kind, setKind] = useState<HookKind>('entra');
  const [values, setValues] = useState({ ...NO_VALUES, displayName: PROVIDERS.entra });
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(HOOK_FIELDS);
  const choose = (next: HookKind) => {
    // The name that was offered follows; one that was typed stays.
    if (values.displayName === PROVIDERS[kind]) setValues({ ...values, displayName: PROVIDERS[next] });
    setKind(next);
  };
  const save = async () => {
    if (isBusy) return;
    failure.clear();
    setBusy(true);
    try {
      const made = await api.send<SignInHookSecret>('POST', '/v1.0/admin/signInHooks', {
        body: { kind, ...bodyOf(kind, values) },
      });
      void client.invalidateQueries({ queryKey: ['hooks'] });
      notify.success('Hook added', values.displayName);
      onAdded(made);
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title="Add a hook"
      parameter="open"
      isDirty={!isBusy && (values.entraTenantId !== '' || values.entraAudience !== '')}
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
            onOptionSelect={(_, { optionValue }) => choose(optionValue as HookKind)}
          >
            {KINDS.map((one) => (
              <Option key={one} value={one}>
                {PROVIDERS[one]}
              </Option>
            ))}
          </Dropdown>
        </Field>
        <HookFields kind={kind} values={values} problems={failure.fields} onChange={setValues} />
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
