import { Checkbox, Field, Input } from '@fluentui/react-components';

/** The greatest quantity that the API takes. */
const LICENSES_MAX = 10_000_000;

/** What of a purchase can be chosen. */
export interface Purchase {
  /** As typed. */
  readonly quantity: string;
  readonly hasEnd: boolean;
  /** 2026-12-31; '' where it isn't chosen yet. */
  readonly endDay: string;
}

/** @param options.atLeast how many licenses: whoever buys buys one, and a subscription may be cut to none
 * @returns what is wrong with it, by field; undefined where nothing is. */
export function problemsOf(
  { quantity, hasEnd, endDay }: Purchase,
  { atLeast = 0 } = {},
): { quantity?: string; endDay?: string } | undefined {
  const value = Number(quantity);
  const isWhole = /^\d+$/.test(quantity.trim()) && value >= atLeast && value <= LICENSES_MAX;
  const problems = {
    ...(!isWhole && { quantity: `A whole number from ${atLeast} to 10 million.` }),
    ...(hasEnd && endDay === '' && { endDay: 'Choose the day, or clear the box above.' }),
    // An end that is long over would take everybody's license at once; cancelling tells the effect first.
    ...(hasEnd &&
      endDay !== '' &&
      endDay < today() && {
        endDay: 'The last day is today at the earliest. To end the subscription at once, cancel it.',
      }),
  };
  return Object.keys(problems).length > 0 ? problems : undefined;
}

/** 2026-12-31, where the person is. */
function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

interface Properties {
  readonly purchase: Purchase;
  readonly onChange: (purchase: Purchase) => void;
  /** By field: quantity, endDay. */
  readonly problems: { readonly quantity?: string; readonly endDay?: string } | undefined;
  readonly quantityHint?: string;
}

/** The fields for how many licenses, and until when. */
export function QuantityAndEnd({ purchase, onChange, problems, quantityHint }: Properties) {
  return (
    <>
      <Field label="Number of licenses" required hint={quantityHint} validationMessage={problems?.quantity}>
        <Input
          type="number"
          min={0}
          max={LICENSES_MAX}
          value={purchase.quantity}
          onChange={(_, { value }) => onChange({ ...purchase, quantity: value })}
        />
      </Field>
      <Checkbox
        label="The subscription ends"
        checked={purchase.hasEnd}
        onChange={(_, { checked }) => onChange({ ...purchase, hasEnd: checked === true })}
      />
      {purchase.hasEnd && (
        <Field
          label="Last day"
          required
          hint="It can be used for 30 days more; licenses stay assigned for another 90, and then end."
          validationMessage={problems?.endDay}
        >
          <Input
            type="date"
            min={today()}
            value={purchase.endDay}
            onChange={(_, { value }) => onChange({ ...purchase, endDay: value })}
          />
        </Field>
      )}
    </>
  );
}
