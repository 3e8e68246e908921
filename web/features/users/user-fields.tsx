import { Dropdown, Field, Input, Option } from '@fluentui/react-components';
import { CountryBox } from '../../ui/country-box.tsx';
import type { User } from './user-data.ts';

/** What of a user is typed; '' is none. */
export interface UserValues {
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  readonly userPrincipalName: string;
  readonly mail: string;
  readonly jobTitle: string;
  readonly department: string;
  readonly usageLocation: string;
  readonly userType: 'Member' | 'Guest';
}

export const USER_FIELDS = [
  'displayName',
  'givenName',
  'surname',
  'userPrincipalName',
  'mail',
  'jobTitle',
  'department',
  'usageLocation',
  'userType',
] as const;

const LABELS = {
  displayName: 'Display name',
  givenName: 'First name',
  surname: 'Last name',
  userPrincipalName: 'User name',
  mail: 'Email',
  jobTitle: 'Job title',
  department: 'Department',
  usageLocation: 'Usage location',
} as const;
const HINTS: Partial<Record<keyof typeof LABELS, string>> = {
  userPrincipalName: 'As name@domain; they sign in with it.',
  usageLocation: 'Their country. It decides which products they may be given.',
};
const REQUIRED: readonly string[] = ['displayName', 'userPrincipalName'];

export const EMPTY: UserValues = {
  displayName: '',
  givenName: '',
  surname: '',
  userPrincipalName: '',
  mail: '',
  jobTitle: '',
  department: '',
  usageLocation: '',
  userType: 'Member',
};

export function valuesOf(user: User): UserValues {
  return Object.fromEntries(USER_FIELDS.map((name) => [name, user[name] ?? ''])) as unknown as UserValues;
}

/** As the API takes them: what is empty is null; only what differs from before. */
export function bodyOf(values: UserValues, before: UserValues): Record<string, string | null> {
  const trimmed = (name: keyof UserValues) => values[name].trim();
  return Object.fromEntries(
    USER_FIELDS.filter((name) => trimmed(name) !== before[name]).map((name) => [name, trimmed(name) || null]),
  );
}

interface Properties {
  readonly values: UserValues;
  readonly onChange: (values: UserValues) => void;
  /** What is wrong, by field. */
  readonly problems: Readonly<Record<string, string | undefined>>;
  /** Which fields this person may change. */
  readonly mayChange: (name: keyof UserValues) => boolean;
}

/** The fields of a user. */
export function UserFields({ values, onChange, problems, mayChange }: Properties) {
  return (
    <>
      {(Object.keys(LABELS) as (keyof typeof LABELS)[]).map((name) =>
        name === 'usageLocation' ? (
          <CountryBox
            key={name}
            label={LABELS[name]}
            hint={HINTS[name]}
            validationMessage={problems[name]}
            value={values[name]}
            isReadOnly={!mayChange(name)}
            onChange={(usageLocation) => onChange({ ...values, usageLocation })}
          />
        ) : (
          <Field
            key={name}
            label={LABELS[name]}
            hint={HINTS[name]}
            required={REQUIRED.includes(name)}
            validationMessage={problems[name]}
          >
            <Input
              value={values[name]}
              readOnly={!mayChange(name)}
              maxLength={256}
              autoComplete="off"
              onChange={(_, { value }) => onChange({ ...values, [name]: value })}
            />
          </Field>
        ),
      )}
      <Field label="Type" hint="Guests claim under policies that say so only." validationMessage={problems['userType']}>
        <Dropdown
          disabled={!mayChange('userType')}
          value={values.userType}
          selectedOptions={[values.userType]}
          onOptionSelect={(_, { optionValue }) =>
            onChange({ ...values, userType: optionValue === 'Guest' ? 'Guest' : 'Member' })
          }
        >
          <Option value="Member">Member</Option>
          <Option value="Guest">Guest</Option>
        </Dropdown>
      </Field>
    </>
  );
}

/** What the person sees at once; the API checks all else. */
export function missingOf(values: UserValues): Record<string, string> {
  return Object.fromEntries(
    (['displayName', 'userPrincipalName'] as const)
      .filter((name) => values[name].trim() === '')
      .map((name) => [name, `${LABELS[name]} is needed.`]),
  );
}
