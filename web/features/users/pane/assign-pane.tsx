import { Button, makeStyles, Skeleton, SkeletonItem, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { query, searchText, useApi } from '../../../ui/api.ts';
import { CheckList } from '../../../ui/check-list.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { count } from '../../../ui/number.ts';
import { Pane } from '../../../ui/pane.tsx';
import { Picker, type Choice } from '../../../ui/picker.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import type { User } from '../user-data.ts';
import { useAssign, type HeldLicense } from './license-api.ts';

interface Product {
  readonly displayName: string;
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly friendlyName: string }[];
}

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly user: User;
  /** The license whose apps and services are changed; without one, a product is chosen. */
  readonly license: HeldLicense | undefined;
  readonly onClose: () => void;
}

/** Assigns a product by hand, with the apps and services that are chosen. */
export function AssignPane({ user, license, onClose }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const assign = useAssign(user.id);
  const [chosen, setChosen] = useState<Choice | undefined>(license && { id: license.skuId, name: license.displayName });
  const [on, setOn] = useState<ReadonlySet<string> | undefined>(
    license && new Set(license.servicePlans.map(({ servicePlanId }) => servicePlanId)),
  );
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const product = useQuery({
    queryKey: ['products', chosen?.id],
    enabled: chosen !== undefined,
    queryFn: ({ signal }) => api.get<Product>(`/v1.0/admin/products/${chosen!.id}`, signal),
  });
  const plans = product.data?.servicePlans ?? [];
  const checked = on ?? new Set(plans.map(({ servicePlanId }) => servicePlanId));
  const canSave = product.data !== undefined && checked.size > 0 && !isBusy;
  const save = async () => {
    if (!canSave) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const disabledPlans = plans.map(({ servicePlanId }) => servicePlanId).filter((id) => !checked.has(id));
      await assign([{ skuId: chosen!.id, disabledPlans }]);
      notify.success(license ? 'Apps and services changed' : 'License assigned', chosen!.name);
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title={license ? `Apps and services of ${license.displayName}` : 'Assign a license'}
      isDirty={
        !isBusy && (license ? on !== undefined && on.size !== license.servicePlans.length : chosen !== undefined)
      }
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={!canSave} onClick={() => void save()}>
          {isBusy ? <Spinner size="tiny" label="Save" /> : license ? 'Save' : 'Assign'}
        </Button>
      }
    >
      <div className={styles.form}>
        {!license && (
          <Picker<{ skuId: string; displayName: string; availableUnits: number }>
            label="Product"
            isSingle
            queryKey={['pools']}
            pathOf={(search) =>
              `/v1.0/subscribedSkus${query({ $search: searchText(search), $filter: "appliesTo eq 'User'", $orderby: 'displayName', $top: 50 })}&$select=skuId,displayName,availableUnits`
            }
            choiceOf={({ skuId, displayName, availableUnits }) => ({
              id: skuId,
              name: displayName,
              detail: count(availableUnits, 'available', 'available'),
            })}
            chosen={chosen ? [chosen] : []}
            onChange={([product]) => {
              setChosen(product);
              setOn(undefined);
            }}
          />
        )}
        {license?.paths.some(({ kind }) => kind === 'policy') && (
          <Text>
            They have claimed this license. What you choose here takes the place of what the policy gave them.
          </Text>
        )}
        {product.error && <ErrorState error={product.error} retry={() => void product.refetch()} />}
        {product.isLoading && (
          <Skeleton aria-label="Loading">
            <SkeletonItem size={96} />
          </Skeleton>
        )}
        {product.data && (
          <CheckList
            label="Apps and services"
            items={plans.map(({ servicePlanId, friendlyName }) => ({ id: servicePlanId, label: friendlyName }))}
            checked={checked}
            onChange={setOn}
          />
        )}
        {product.data && checked.size === 0 && <Text role="alert">Choose at least one app or service.</Text>}
        {failure && <ErrorState error={failure} />}
      </div>
    </Pane>
  );
}
