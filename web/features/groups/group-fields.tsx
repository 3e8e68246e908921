import { Field, Input, Textarea } from '@fluentui/react-components';

/** What of a group is typed. */
export interface GroupValues {
  readonly displayName: string;
  readonly description: string;
}

export const GROUP_FIELDS = ['displayName', 'description'] as const;

interface Properties {
  readonly values: GroupValues;
  readonly onChange: (values: GroupValues) => void;
  readonly problems: Readonly<Record<string, string | undefined>>;
  readonly isReadOnly?: boolean;
}

export function GroupFields({ values, onChange, problems, isReadOnly = false }: Properties) {
  return (
    <>
      <Field label="Name" required validationMessage={problems['displayName']}>
        <Input
          value={values.displayName}
          maxLength={256}
          readOnly={isReadOnly}
          autoComplete="off"
          onChange={(_, { value }) => onChange({ ...values, displayName: value })}
        />
      </Field>
      <Field label="Description" validationMessage={problems['description']}>
        <Textarea
          value={values.description}
          maxLength={1_024}
          readOnly={isReadOnly}
          onChange={(_, { value }) => onChange({ ...values, description: value })}
        />
      </Field>
    </>
  );
}

/** What is wrong before the API is asked. */
export function problemsOf({ displayName }: GroupValues): Record<string, string> {
  return displayName.trim() === '' ? { displayName: 'Name is needed.' } : {};
}
