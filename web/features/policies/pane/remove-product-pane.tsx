import { Button, Checkbox, Spinner, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { useNotify } from '../../../ui/notifications.tsx';
import { count } from '../../../ui/number.ts';
import { Pane } from '../../../ui/pane.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import { useProducts } from '../policy-data.ts';
import type { PaneState } from './pane-state.ts';

/** The pane Remove a product from the policy; its Save writes at once. */
export function RemoveProductPane({ state, onClose }: { state: PaneState; onClose: () => void }) {
  const notify = useNotify();
  const { base, write } = state;
  const { data: named } = useProducts(base.products.map(({ skuId }) => skuId));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const isAll = chosen.size === base.products.length;
  const save = async () => {
    await state.writeProducts((products) => products.filter(({ skuId }) => !chosen.has(skuId)));
    notify.success(`${count(chosen.size, 'product')} removed. Nobody loses a license by this.`);
    onClose();
  };
  return (
    <Pane
      open
      size="small"
      title="Remove a product from the policy"
      isDirty={chosen.size > 0 && !write.isPending}
      onClose={onClose}
      footer={
        <Button
          appearance="primary"
          disabledFocusable={chosen.size === 0 || isAll || write.isPending}
          onClick={() => chosen.size > 0 && !isAll && void save().catch(() => undefined)}
        >
          {write.isPending ? <Spinner size="tiny" label="Save" /> : 'Save'}
        </Button>
      }
    >
      <Text block>Who has claimed a license of a removed product keeps it.</Text>
      {base.products.map(({ skuId }) => (
        <div key={skuId}>
          <Checkbox
            label={named?.get(skuId)?.displayName ?? '…'}
            checked={chosen.has(skuId)}
            onChange={(_, { checked }) => {
              const next = new Set(chosen);
              if (checked === true) next.add(skuId);
              else next.delete(skuId);
              setChosen(next);
            }}
          />
        </div>
      ))}
      {isAll && (
        <Text role="alert">
          A policy always keeps at least one product. To stop people from claiming, turn the policy off instead.
        </Text>
      )}
      {write.error && <ErrorState error={write.error} />}
    </Pane>
  );
}
