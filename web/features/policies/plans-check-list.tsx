import { CheckList } from '../../ui/check-list.tsx';
import { requiredOf, type App, type Product } from './policy-data.ts';

interface Properties {
  readonly product: Product;
  readonly app: App | undefined;
  readonly disabledPlans: ReadonlySet<string>;
  readonly onChange: (disabledPlans: ReadonlySet<string>) => void;
  readonly isReadOnly?: boolean;
}

/** A product's apps and services; the last plan on that the app requires can't be cleared. */
export function PlansCheckList({ product, app, disabledPlans, onChange, isReadOnly }: Properties) {
  const required = requiredOf(product, app);
  const requiredOn = required.filter((id) => !disabledPlans.has(id));
  const lastRequired = requiredOn.length === 1 ? requiredOn[0] : undefined;
  const ids = product.servicePlans.map(({ servicePlanId }) => servicePlanId);
  return (
    <CheckList
      label={product.displayName}
      isReadOnly={isReadOnly}
      items={product.servicePlans.map(({ servicePlanId, friendlyName }) => ({
        id: servicePlanId,
        label: friendlyName,
        locked: servicePlanId === lastRequired ? `${app?.displayName ?? 'The app'} requires it.` : undefined,
      }))}
      checked={new Set(ids.filter((id) => !disabledPlans.has(id)))}
      onChange={(checked) => {
        const next = new Set(ids.filter((id) => !checked.has(id)));
        // "Clear all" leaves the app its plan.
        if (required.every((id) => next.has(id)) && required[0]) next.delete(requiredOn[0] ?? required[0]);
        onChange(next);
      }}
    />
  );
}
