import { Checkbox, Field, Input } from '@fluentui/react-components';

export interface ClientValues {
  readonly displayName: string;
  readonly releasesLicenses: boolean;
}

/** By the API's names. */
export const CLIENT_FIELDS = ['displayName', 'releasesLicenses'];

interface Properties {
  readonly values: ClientValues;
  readonly problems: Readonly<Record<string, string>>;
  readonly isReadOnly?: boolean;
  readonly onChange: (values: ClientValues) => void;
}

/** What can be said of a provisioning client. */
export function ClientFields({ values, problems, isReadOnly = false, onChange }: Properties) {
  return (
    <>
      <Field label="Name" required validationMessage={problems['displayName']}>
        <Input
          value={values.displayName}
          readOnly={isReadOnly}
          maxLength={256}
          autoComplete="off"
          onChange={(_, { value }) => onChange({ ...values, displayName: value })}
        />
      </Field>
      <Field
        hint="Licenses assigned to them and claimed by them become free at once; those of groups, when they leave the groups."
        validationMessage={problems['releasesLicenses']}
      >
        <Checkbox
          label="Who is deactivated loses their licenses"
          checked={values.releasesLicenses}
          disabled={isReadOnly}
          onChange={(_, { checked }) => onChange({ ...values, releasesLicenses: checked === true })}
        />
      </Field>
    </>
  );
}
