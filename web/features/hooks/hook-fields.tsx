import { Dropdown, Field, Input, Option } from '@fluentui/react-components';
import type { HookKind } from '../../../contract/sign-in-hook.ts';
import { CLOUDS, type Hook } from './hook-data.ts';

export interface HookFieldValues {
  readonly displayName: string;
  readonly entraTenantId: string;
  readonly entraAudience: string;
  readonly entraCloud: keyof typeof CLOUDS;
  readonly userNameDomain: string;
  readonly onRefusal: Hook['onRefusal'];
}

export const HOOK_FIELDS = [
  'displayName',
  'entraTenantId',
  'entraAudience',
  'entraCloud',
  'userNameDomain',
  'onRefusal',
];

export const NO_VALUES: HookFieldValues = {
  displayName: '',
  entraTenantId: '',
  entraAudience: '',
  entraCloud: 'global',
  userNameDomain: '',
  onRefusal: 'noClaims',
};

const REFUSALS = { noClaims: 'Nothing', reasonClaim: 'The claim license_refusal with the reason' } as const;

/** What is sent of them: what a kind has no use for is left out. */
export function bodyOf(kind: HookKind, values: HookFieldValues) {
  return {
    displayName: values.displayName.trim(),
    onRefusal: values.onRefusal,
    ...(kind === 'entra'
      ? {
          entraTenantId: values.entraTenantId.trim(),
          entraAudience: values.entraAudience.trim(),
          entraCloud: values.entraCloud,
        }
      : { userNameDomain: values.userNameDomain.trim() || null }),
  };
}

interface Properties {
  readonly kind: HookKind;
  readonly values: HookFieldValues;
  readonly problems: Readonly<Record<string, string>>;
  readonly isReadOnly?: boolean;
  readonly onChange: (values: HookFieldValues) => void;
}

/** What can be said of a hook, by its kind. */
export function HookFields({ kind, values, problems, isReadOnly = false, onChange }: Properties) {
  const text = (
    name: 'displayName' | 'entraTenantId' | 'entraAudience' | 'userNameDomain',
    label: string,
    hint?: string,
  ) => (
    <Field label={label} hint={hint} required={name !== 'userNameDomain'} validationMessage={problems[name]}>
      <Input
        value={values[name]}
        readOnly={isReadOnly}
        maxLength={256}
        autoComplete="off"
        onChange={(_, { value }) => onChange({ ...values, [name]: value })}
      />
    </Field>
  );
  return (
    <>
      {text('displayName', 'Name')}
      {kind === 'entra' && (
        <>
          {text('entraTenantId', 'Directory (tenant) ID', 'Of your Entra ID: Overview, in its admin center.')}
          {text(
            'entraAudience',
            'Audience',
            'The Application (client) ID of the custom extension’s API authentication.',
          )}
          <Field label="Cloud">
            <Dropdown
              disabled={isReadOnly}
              value={CLOUDS[values.entraCloud]}
              selectedOptions={[values.entraCloud]}
              onOptionSelect={(_, { optionValue }) =>
                onChange({ ...values, entraCloud: optionValue as HookFieldValues['entraCloud'] })
              }
            >
              {Object.entries(CLOUDS).map(([cloud, label]) => (
                <Option key={cloud} value={cloud}>
                  {label}
                </Option>
              ))}
            </Dropdown>
          </Field>
        </>
      )}
      {kind !== 'entra' &&
        text(
          'userNameDomain',
          'Domain of user names',
          'Put behind names without one: ann becomes ann@contoso.example.',
        )}
      {kind !== 'keycloak' && (
        <Field label="What the token of a refused person gets">
          <Dropdown
            disabled={isReadOnly}
            value={REFUSALS[values.onRefusal]}
            selectedOptions={[values.onRefusal]}
            onOptionSelect={(_, { optionValue }) =>
              onChange({ ...values, onRefusal: optionValue as Hook['onRefusal'] })
            }
          >
            {Object.entries(REFUSALS).map(([refusal, label]) => (
              <Option key={refusal} value={refusal}>
                {label}
              </Option>
            ))}
          </Dropdown>
        </Field>
      )}
    </>
  );
}
