import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { query, searchText } from '../../../ui/api.ts';
import { useNotify } from '../../../ui/notifications.tsx';
import { count } from '../../../ui/number.ts';
import { Pane } from '../../../ui/pane.tsx';
import { Picker, type Choice } from '../../../ui/picker.tsx';
import { isAnyPlanOn, PlanChoice, useProductPlans } from '../../../ui/plan-choice.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import type { User } from '../user-data.ts';
import { useAssign, type HeldLicense } from './license-api.ts';

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
  const notify = useNotify();
  const assign = useAssign(user.id);
  const [chosen, setChosen] = useState<Choice | undefined>(license && { id: license.skuId, name: license.displayName });
  // What they have is known before all that the product has.
  const [chosenOff, setOff] = useState<ReadonlySet<string>>();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const product = useProductPlans(chosen?.id);
  const held = license && new Set(license.servicePlans.map(({ servicePlanId }) => servicePlanId));
  const ids = (product.data?.servicePlans ?? []).map(({ servicePlanId }) => servicePlanId);
  const off = chosenOff ?? new Set(held ? ids.filter((id) => !held.has(id)) : []);
  const canSave = isAnyPlanOn(product.data, off) && !isBusy;
  const save = async () => {
    if (!canSave) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await assign([{ skuId: chosen!.id, disabledPlans: [...off] }]);
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
      isDirty={!isBusy && (license ? chosenOff !== undefined : chosen !== undefined)}
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
              setOff(undefined);
            }}
          />
        )}
        {license?.paths.some(({ kind }) => kind === 'policy') && (
          <Text>
            They have claimed this license. What you choose here takes the place of what the policy gave them.
          </Text>
        )}
        <PlanChoice product={product} off={off} onChange={setOff} />
        {failure && <ErrorState error={failure} />}
      </div>
    </Pane>
  );
}
