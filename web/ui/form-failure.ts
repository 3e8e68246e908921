import { useState } from 'react';
import { ApiFailure } from './api.ts';

/** What the API said against a form: at fields, or of the whole. */
export interface FormFailure {
  /** The API's name of the field (displayName) → what is wrong with it. */
  readonly fields: Readonly<Record<string, string>>;
  /** What is about no field of the form; show it with ErrorState above the buttons. */
  readonly form: Error | undefined;
}

const NONE: FormFailure = { fields: {}, form: undefined };

/**
 * Puts an API error at its field. The API names the field first ("displayName: …", "displayName is
 * missing.", "products[0].skuId must be a GUID.") or last ("… value for property displayName …").
 * @param fields the form's fields, by the API's names
 */
export function formFailureOf(error: unknown, fields: readonly string[]): FormFailure {
  const failure = error instanceof Error ? error : new Error(String(error));
  if (!(failure instanceof ApiFailure) || failure.status !== 400) return { ...NONE, form: failure };
  const { message } = failure;
  const taken = /^Another object with the same value for property (\w+)/.exec(message)?.[1];
  if (taken !== undefined && fields.includes(taken)) {
    return { fields: { [taken]: 'This is taken already. Choose another.' }, form: undefined };
  }
  const [, path = '', rest = ''] = /^([\w.[\]]+):? (.+)$/s.exec(message) ?? [];
  const field = fields.find((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`));
  if (field === undefined) return { ...NONE, form: failure };
  return { fields: { [field]: rest.charAt(0).toUpperCase() + rest.slice(1) }, form: undefined };
}

/**
 * The failure of a form's last try: `catch (error) { failure.set(error) }`, then
 * `<Field validationMessage={failure.fields['displayName']}>` and `{failure.form && <ErrorState …/>}`.
 */
export function useFormFailure(fields: readonly string[]) {
  const [failure, setFailure] = useState(NONE);
  return {
    ...failure,
    set: (error: unknown) => setFailure(formFailureOf(error, fields)),
    clear: () => setFailure(NONE),
  };
}
