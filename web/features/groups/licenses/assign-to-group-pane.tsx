import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { query, searchText } from '../../../ui/api.ts';
import { useNotify } from '../../../ui/notifications.tsx';
import { count, formatNumber } from '../../../ui/number.ts';
import { Pane } from '../../../ui/pane.tsx';
import { Picker, type Choice } from '../../../ui/picker.tsx';
import { isAnyPlanOn, PlanChoice, useProductPlans } from '../../../ui/plan-choice.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import { useAssignToGroup, type GroupLicense } from './group-license-data.ts';

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
  const notify = useNotify();
  const assign = useAssignToGroup(groupId);
  const [chosen, setChosen] = useState<Choice | undefined>(license && { id: license.skuId, name: license.displayName });
  const [off, setOff] = useState<ReadonlySet<string>>(new Set(license?.disabledPlans));
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const product = useProductPlans(chosen?.id);
  const isChanged = license
    ? off.size !== license.disabledPlans.length || license.disabledPlans.some((id) => !off.has(id))
    : chosen !== undefined;
  const canSave = isAnyPlanOn(product.data, off) && isChanged && !isBusy;
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
        <PlanChoice product={product} off={off} onChange={setOff} />
        {failure && <ErrorState error={failure} />}
      </div>
    </Pane>
  );
}
