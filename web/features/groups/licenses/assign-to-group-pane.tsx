import { Button, makeStyles, Skeleton, SkeletonItem, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { query, searchText, useApi } from '../../../ui/api.ts';
import { CheckList } from '../../../ui/check-list.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { count, formatNumber } from '../../../ui/number.ts';
import { Pane } from '../../../ui/pane.tsx';
import { Picker, type Choice } from '../../../ui/picker.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import { useAssignToGroup, type GroupLicense } from './group-license-data.ts';

interface Product {
  readonly displayName: string;
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly friendlyName: string }[];
}

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly groupId: string;
  /** How many users are in the group, also through others. */
  readonly members: number;
  /** What it gives already. */
  readonly given: readonly GroupLicense[];
  /** The license whose apps and services are changed; without one, a product is chosen. */
  readonly license: GroupLicense | undefined;
  readonly onClose: () => void;
}

/** Chooses what a group gives its members: a product, with the apps and services that are chosen. */
export function AssignToGroupPane({ groupId, members, given, license, onClose }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const assign = useAssignToGroup(groupId);
  const [chosen, setChosen] = useState<Choice | undefined>(license && { id: license.skuId, name: license.displayName });
  const [off, setOff] = useState<ReadonlySet<string>>(new Set(license?.disabledPlans));
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const product = useQuery({
    queryKey: ['products', chosen?.id],
    enabled: chosen !== undefined,
    queryFn: ({ signal }) => api.get<Product>(`/v1.0/admin/products/${chosen!.id}`, signal),
  });
  const ids = (product.data?.servicePlans ?? []).map(({ servicePlanId }) => servicePlanId);
  const isAllOff = ids.length > 0 && ids.every((id) => off.has(id));
  const isChanged = license
    ? off.size !== license.disabledPlans.length || license.disabledPlans.some((id) => !off.has(id))
    : chosen !== undefined;
  const canSave = product.data !== undefined && !isAllOff && isChanged && !isBusy;
  const save = async () => {
    if (!canSave) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await assign([{ skuId: chosen!.id, disabledPlans: [...off] }]);
      notify.success(license ? 'Apps and services changed' : 'License assigned to the group', chosen!.name);
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title={license ? `Apps and services of ${license.displayName}` : 'Assign a license to the group'}
      isDirty={!isBusy && isChanged}
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
            hint={`${count(members, 'member')} will be given it, and whoever joins later.`}
            queryKey={['pools']}
            pathOf={(search) =>
              `/v1.0/subscribedSkus${query({ $search: searchText(search), $filter: "appliesTo eq 'User'", $orderby: 'displayName', $top: 50 })}&$select=skuId,displayName,availableUnits`
            }
            choiceOf={({ skuId, displayName, availableUnits }) => ({
              id: skuId,
              name: displayName,
              detail: given.some((one) => one.skuId === skuId)
                ? 'given already'
                : `${formatNumber(availableUnits)} available`,
            })}
            chosen={chosen ? [chosen] : []}
            onChange={([next]) => {
              setChosen(next);
              setOff(new Set(given.find((one) => one.skuId === next?.id)?.disabledPlans));
            }}
          />
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
            items={product.data.servicePlans.map(({ servicePlanId, friendlyName }) => ({
              id: servicePlanId,
              label: friendlyName,
            }))}
            checked={new Set(ids.filter((id) => !off.has(id)))}
            onChange={(on) => setOff(new Set(ids.filter((id) => !on.has(id))))}
          />
        )}
        {isAllOff && <Text role="alert">Choose at least one app or service.</Text>}
        {failure && <ErrorState error={failure} />}
      </div>
    </Pane>
  );
}
