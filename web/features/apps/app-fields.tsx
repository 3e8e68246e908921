import { Field, Input, Radio, RadioGroup, Textarea } from '@fluentui/react-components';
import { KINDS, kindOf, redirectUrisOf, type App, type Kind } from './app-data.ts';
import { RequiredPlans } from './required-plans.tsx';

export interface AppFieldValues {
  readonly displayName: string;
  readonly kind: Kind;
  /** One in each line. */
  readonly redirectUris: string;
  readonly requiredServicePlanIds: readonly string[];
  readonly onRefusal: App['onRefusal'];
}

/** By the API's names; redirect URIs are named by the kind that has them. */
export const APP_FIELDS = ['displayName', 'web', 'spa', 'publicClient', 'requiredServicePlanIds', 'onRefusal'];

export const NEW_APP: AppFieldValues = {
  displayName: '',
  kind: 'web',
  redirectUris: '',
  requiredServicePlanIds: [],
  onRefusal: 'block',
};

export function valuesOf(app: App): AppFieldValues {
  const { displayName, requiredServicePlanIds, onRefusal } = app;
  return {
    displayName,
    requiredServicePlanIds,
    onRefusal,
    kind: kindOf(app),
    redirectUris: redirectUrisOf(app).join('\n'),
  };
}

/** What is sent of them: redirect URIs under the app's kind, and none under any other. */
export function bodyOf({ displayName, kind, redirectUris, requiredServicePlanIds, onRefusal }: AppFieldValues) {
  const uris = redirectUris.split(/\s+/).filter((uri) => uri !== '');
  const of = (one: Kind) => ({ redirectUris: one === kind ? uris : [] });
  return {
    displayName: displayName.trim(),
    requiredServicePlanIds,
    onRefusal,
    web: of('web'),
    spa: of('spa'),
    publicClient: of('publicClient'),
  };
}

/** An app of a kind that people sign in by needs an address to go back to. */
export function isWhole({ kind, redirectUris }: AppFieldValues): boolean {
  return kind === 'none' || redirectUris.trim() !== '';
}

const EXAMPLES: Readonly<Record<Exclude<Kind, 'none'>, string>> = {
  web: 'https://app.contoso.example/signed-in',
  spa: 'https://app.contoso.example/',
  publicClient: 'http://127.0.0.1/signed-in, on any port, or com.contoso.app:/signed-in',
};

interface Properties {
  readonly values: AppFieldValues;
  readonly problems: Readonly<Record<string, string>>;
  readonly isReadOnly?: boolean;
  readonly onChange: (values: AppFieldValues) => void;
}

/** What can be said of an app. */
export function AppFields({ values, problems, isReadOnly = false, onChange }: Properties) {
  const { kind } = values;
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
      <Field label="How people sign in" hint={KINDS[kind].hint}>
        <RadioGroup
          value={kind}
          disabled={isReadOnly}
          onChange={(_, { value }) => onChange({ ...values, kind: value as Kind })}
        >
          {Object.entries(KINDS).map(([value, { label }]) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </RadioGroup>
      </Field>
      {kind !== 'none' && (
        <Field
          label="Redirect URIs"
          required
          hint={`Where sign-ins go back to, to the letter, one in each line: ${EXAMPLES[kind]}`}
          validationMessage={problems[kind]}
        >
          <Textarea
            value={values.redirectUris}
            readOnly={isReadOnly}
            rows={3}
            resize="vertical"
            onChange={(_, { value }) => onChange({ ...values, redirectUris: value })}
          />
        </Field>
      )}
      <RequiredPlans
        chosen={values.requiredServicePlanIds}
        problem={problems['requiredServicePlanIds']}
        isReadOnly={isReadOnly}
        onChange={(requiredServicePlanIds) => onChange({ ...values, requiredServicePlanIds })}
      />
      {kind !== 'none' && (
        <Field label="Who gets no license">
          <RadioGroup
            value={values.onRefusal}
            disabled={isReadOnly}
            onChange={(_, { value }) => onChange({ ...values, onRefusal: value as App['onRefusal'] })}
          >
            <Radio value="block" label="Reads why on a page, and isn’t let in" />
            <Radio value="continue" label="Is let in, without the claim" />
          </RadioGroup>
        </Field>
      )}
    </>
  );
}
