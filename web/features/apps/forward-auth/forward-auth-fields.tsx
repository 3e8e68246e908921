import { Checkbox, Field, Input, Textarea } from '@fluentui/react-components';
import type { ForwardAuth } from '../../../../contract/forward-auth.ts';
import { USER_HEADER } from '../../../../contract/forward-auth-headers.ts';

export interface ForwardAuthValues {
  /** One in each line. */
  readonly origins: string;
  /** The proxy signs people in itself. */
  readonly isTrusted: boolean;
  /** One in each line. */
  readonly trustedAddresses: string;
  readonly userHeader: string;
}

/** By the API's names. */
export const FORWARD_AUTH_FIELDS = ['origins', 'trustedAddresses', 'userHeader'];

export function valuesOf(forwardAuth: ForwardAuth | null): ForwardAuthValues {
  const { origins, trustedAddresses, userHeader } = forwardAuth ?? {
    origins: [],
    trustedAddresses: [],
    userHeader: USER_HEADER,
  };
  return {
    origins: origins.join('\n'),
    isTrusted: trustedAddresses.length > 0,
    trustedAddresses: trustedAddresses.join('\n'),
    userHeader,
  };
}

export function bodyOf({ origins, isTrusted, trustedAddresses, userHeader }: ForwardAuthValues) {
  const lines = (text: string) => text.split(/\s+/).filter((line) => line !== '');
  return {
    origins: lines(origins),
    trustedAddresses: isTrusted ? lines(trustedAddresses) : [],
    userHeader: userHeader.trim(),
  };
}

/** Somewhere to go back to, or somebody whose word is taken. */
export function isWhole(values: ForwardAuthValues): boolean {
  const { origins, trustedAddresses, userHeader } = bodyOf(values);
  return values.isTrusted ? trustedAddresses.length > 0 && userHeader !== '' : origins.length > 0;
}

interface Properties {
  readonly values: ForwardAuthValues;
  readonly problems: Readonly<Record<string, string>>;
  readonly isReadOnly: boolean;
  readonly onChange: (values: ForwardAuthValues) => void;
}

/** What can be said of an app behind a proxy. */
export function ForwardAuthFields({ values, problems, isReadOnly, onChange }: Properties) {
  return (
    <>
      <Field
        label="Addresses of the app"
        required={!values.isTrusted}
        hint="As people open it: scheme, host and port, one in each line, such as https://app.contoso.example"
        validationMessage={problems['origins']}
      >
        <Textarea
          value={values.origins}
          readOnly={isReadOnly}
          rows={2}
          resize="vertical"
          onChange={(_, { value }) => onChange({ ...values, origins: value })}
        />
      </Field>
      <Checkbox
        label="The proxy signs people in itself, and says whom"
        checked={values.isTrusted}
        disabled={isReadOnly}
        onChange={(_, { checked }) => onChange({ ...values, isTrusted: checked === true })}
      />
      {values.isTrusted && (
        <>
          <Field
            label="Addresses of the proxy"
            required
            hint="From where it asks: IP addresses or ranges, one in each line, such as 10.1.2.0/28. From anywhere else, its word is nothing."
            validationMessage={problems['trustedAddresses']}
          >
            <Textarea
              value={values.trustedAddresses}
              readOnly={isReadOnly}
              rows={2}
              resize="vertical"
              onChange={(_, { value }) => onChange({ ...values, trustedAddresses: value })}
            />
          </Field>
          <Field
            label="Header with the user name"
            required
            hint="The proxy sets it, whatever a browser sends."
            validationMessage={problems['userHeader']}
          >
            <Input
              value={values.userHeader}
              readOnly={isReadOnly}
              maxLength={64}
              autoComplete="off"
              onChange={(_, { value }) => onChange({ ...values, userHeader: value })}
            />
          </Field>
        </>
      )}
    </>
  );
}
