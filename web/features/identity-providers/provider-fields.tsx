import { Field, Input, Textarea } from '@fluentui/react-components';
import type { ProviderKind } from '../../../contract/identity-provider.ts';
import { ISSUERS } from './provider-data.ts';

export interface ProviderValues {
  readonly displayName: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Empty: the one that it has. */
  readonly clientSecret: string;
  readonly domains: string;
}

export const PROVIDER_FIELDS = ['displayName', 'issuer', 'clientId', 'clientSecret', 'domains'];

/** Domains as they are typed: one a line, or with commas between. */
export function domainsOf(text: string): string[] {
  const domains = text.toLowerCase().split(/[\s,;]+/);
  return [...new Set(domains.filter((domain) => domain !== ''))];
}

interface Properties {
  readonly kind: ProviderKind;
  readonly values: ProviderValues;
  readonly problems: Readonly<Record<string, string>>;
  /** Whether it is there already: its issuer stays, and its secret may. */
  readonly secretHint?: string | undefined;
  readonly isReadOnly?: boolean;
  readonly onChange: (values: ProviderValues) => void;
}

/** What can be said of an identity provider. */
export function ProviderFields({ kind, values, problems, secretHint, isReadOnly = false, onChange }: Properties) {
  const isNew = secretHint === undefined;
  const text = (name: 'displayName' | 'issuer' | 'clientId' | 'clientSecret', label: string, hint?: string) => (
    <Field
      label={label}
      hint={hint}
      required={isNew || (name !== 'clientSecret' && name !== 'issuer')}
      validationMessage={problems[name]}
    >
      <Input
        value={values[name]}
        type={name === 'clientSecret' ? 'password' : 'text'}
        readOnly={isReadOnly || (name === 'issuer' && !isNew)}
        maxLength={name === 'displayName' ? 64 : name === 'clientSecret' ? 1024 : 256}
        autoComplete={name === 'clientSecret' ? 'new-password' : 'off'}
        onChange={(_, { value }) => onChange({ ...values, [name]: value })}
      />
    </Field>
  );
  return (
    <>
      {text('displayName', 'Name', 'Stands on the button: Sign in with …')}
      {text('issuer', 'Issuer', isNew ? ISSUERS[kind] : 'It can’t be changed: add another provider instead.')}
      {text('clientId', 'Client ID')}
      {text('clientSecret', 'Client secret', isNew ? undefined : `Begins with ${secretHint}…; empty: it stays.`)}
      <Field
        label="Domains"
        hint="One a line, such as contoso.example. It may vouch for user names that end in exactly one of these, and people with such a name are sent there."
        validationMessage={problems['domains']}
      >
        <Textarea
          rows={3}
          resize="vertical"
          value={values.domains}
          readOnly={isReadOnly}
          onChange={(_, { value }) => onChange({ ...values, domains: value })}
        />
      </Field>
    </>
  );
}
