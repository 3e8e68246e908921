import { Skeleton, SkeletonItem, Text } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useApi } from './api.ts';
import { CheckList } from './check-list.tsx';
import { ErrorState } from './states.tsx';

/** A product's name, and its apps and services. */
interface Product {
  readonly displayName: string;
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly friendlyName: string }[];
}

/** A product with its apps and services; of none before one is chosen. */
export function useProductPlans(skuId: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ['products', skuId],
    enabled: skuId !== undefined,
    queryFn: ({ signal }) => api.get<Product>(`/v1.0/admin/products/${encodeURIComponent(skuId!)}`, signal),
  });
}

/** Whether anything of a product would be left: nobody is given nothing. */
export function isAnyPlanOn(product: Product | undefined, off: ReadonlySet<string>): boolean {
  return product !== undefined && product.servicePlans.some(({ servicePlanId }) => !off.has(servicePlanId));
}

interface Properties {
  /** Of useProductPlans: what asks for it knows as well whether any is on. */
  readonly product: ReturnType<typeof useProductPlans>;
  readonly off: ReadonlySet<string>;
  readonly onChange: (off: ReadonlySet<string>) => void;
}

/** Chooses which of a product's apps and services are given. */
export function PlanChoice({ product: { data, error, isLoading, refetch }, off, onChange }: Properties) {
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isLoading) {
    return (
      <Skeleton aria-label="Loading">
        <SkeletonItem size={96} />
      </Skeleton>
    );
  }
  if (!data) return null;
  const ids = data.servicePlans.map(({ servicePlanId }) => servicePlanId);
  return (
    <>
      <CheckList
        label="Apps and services"
        items={data.servicePlans.map(({ servicePlanId, friendlyName }) => ({ id: servicePlanId, label: friendlyName }))}
        checked={new Set(ids.filter((id) => !off.has(id)))}
        onChange={(on) => onChange(new Set(ids.filter((id) => !on.has(id))))}
      />
      {!isAnyPlanOn(data, off) && <Text role="alert">Choose at least one app or service.</Text>}
    </>
  );
}
