import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { query, searchText, useApi } from '../../ui/api.ts';
import { BulkProgress } from '../../ui/bulk-progress.tsx';
import { useBulk } from '../../ui/bulk-work.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { Picker, type Choice } from '../../ui/picker.tsx';
import { isAnyPlanOn, PlanChoice, useProductPlans } from '../../ui/plan-choice.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly skuId: string;
  /** To whom: users, or groups, which give it to all their members. */
  readonly to: 'users' | 'groups';
  readonly available: number;
  readonly onClose: () => void;
}

/** Gives a product to users or groups, with the apps and services that are chosen. */
export function AssignPane({ skuId, to, available, onClose }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const product = useProductPlans(skuId);
  const bulk = useBulk(to === 'users' ? 'Assign licenses' : 'Assign to groups', skuId);
  const [chosen, setChosen] = useState<readonly Choice[]>([]);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const assign = async () => {
    const addLicenses = [{ skuId, disabledPlans: [...off] }];
    const done = await bulk.run(chosen, ({ id }) =>
      api.send('POST', `/v1.0/${to}/${id}/assignLicense`, { body: { addLicenses, removeLicenses: [] } }),
    );
    for (const noun of ['pools', 'users', 'groups']) void client.invalidateQueries({ queryKey: [noun] });
    if (done > 0) {
      const told = to === 'users' ? `${count(done, 'license')} assigned` : `Assigned to ${count(done, 'group')}`;
      notify.success(told, product.data?.displayName);
    }
    if (done === chosen.length) onClose();
  };
  const canAssign = chosen.length > 0 && isAnyPlanOn(product.data, off) && !bulk.isRunning;
  return (
    <Pane
      open
      title={to === 'users' ? 'Assign licenses' : 'Assign to groups'}
      isDirty={chosen.length > 0 && !bulk.isRunning}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={!canAssign} onClick={() => void (canAssign && assign())}>
          {bulk.isRunning ? <Spinner size="tiny" label="Assign" /> : 'Assign'}
        </Button>
      }
    >
      <div className={styles.form}>
        <BulkProgress bulk={bulk} />
        {to === 'users' ? (
          <Picker<{ id: string; displayName: string; userPrincipalName: string }>
            label="Users"
            hint={`${count(available, 'license is', 'licenses are')} available.`}
            validationMessage={
              chosen.length > available
                ? `You have chosen ${formatNumber(chosen.length)}; who has no license yet may not get one.`
                : undefined
            }
            queryKey={['users']}
            pathOf={(search) =>
              `/v1.0/users${query({ $search: searchText(search), $top: 20 })}&$select=id,displayName,userPrincipalName`
            }
            choiceOf={({ id, displayName, userPrincipalName }) => ({
              id,
              name: displayName,
              detail: userPrincipalName,
            })}
            chosen={chosen}
            onChange={setChosen}
          />
        ) : (
          <Picker<{ id: string; displayName: string }>
            label="Groups"
            hint={`${count(available, 'license is', 'licenses are')} available. All members are given one, also who joins later.`}
            queryKey={['groups']}
            pathOf={(search) =>
              `/v1.0/groups${query({ $search: searchText(search), $top: 20 })}&$select=id,displayName`
            }
            choiceOf={({ id, displayName }) => ({ id, name: displayName })}
            chosen={chosen}
            onChange={setChosen}
          />
        )}
        <PlanChoice product={product} off={off} onChange={setOff} />
      </div>
    </Pane>
  );
}
