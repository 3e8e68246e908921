import { Button, Dropdown, Field, makeStyles, Option, Spinner, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useNotify } from '../../../ui/notifications.tsx';
import { Pane } from '../../../ui/pane.tsx';
import { ErrorState } from '../../../ui/states.tsx';
import { PlansCheckList } from '../plans-check-list.tsx';
import { useProducts, type App } from '../policy-data.ts';
import type { PaneState } from './pane-state.ts';

const ALL = 'all';
const useStyles = makeStyles({
  lists: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, marginTop: tokens.spacingVerticalL },
});

interface Properties {
  readonly state: PaneState;
  readonly app: App | undefined;
  readonly onClose: () => void;
}

/** The pane of Apps and services: one product, or all of them; its Save writes at once. */
export function PlansPane({ state, app, onClose }: Properties) {
  const styles = useStyles();
  const notify = useNotify();
  const { base, write } = state;
  const { data: named } = useProducts(base.products.map(({ skuId }) => skuId));
  const [shown, setShown] = useState(ALL);
  const [changed, setChanged] = useState<ReadonlyMap<string, ReadonlySet<string>>>(new Map());
  const save = async () => {
    await state.writeProducts((products) =>
      products.map(({ skuId, disabledPlans }) => ({
        skuId,
        disabledPlans: [...(changed.get(skuId) ?? disabledPlans)],
      })),
    );
    notify.success('The apps and services are saved');
    onClose();
  };
  return (
    <Pane
      open
      title="Apps and services"
      isDirty={changed.size > 0 && !write.isPending}
      onClose={onClose}
      footer={
        <Button
          appearance="primary"
          disabledFocusable={changed.size === 0 || write.isPending}
          onClick={() => void save().catch(() => undefined)}
        >
          {write.isPending ? <Spinner size="tiny" label="Save" /> : 'Save'}
        </Button>
      }
    >
      <Field label="Product" hint="Who has claimed already keeps what they have.">
        <Dropdown
          value={shown === ALL ? 'All products' : (named?.get(shown)?.displayName ?? '')}
          selectedOptions={[shown]}
          onOptionSelect={(_, { optionValue }) => setShown(optionValue ?? ALL)}
        >
          <Option value={ALL}>All products</Option>
          {base.products.map(({ skuId }) => (
            <Option key={skuId} value={skuId}>
              {named?.get(skuId)?.displayName ?? '…'}
            </Option>
          ))}
        </Dropdown>
      </Field>
      <div className={styles.lists}>
        {base.products
          .filter(({ skuId }) => shown === ALL || shown === skuId)
          .map(({ skuId, disabledPlans }) => {
            const product = named?.get(skuId);
            return (
              product && (
                <PlansCheckList
                  key={skuId}
                  product={product}
                  app={app}
                  disabledPlans={changed.get(skuId) ?? new Set(disabledPlans)}
                  onChange={(next) => setChanged((before) => new Map(before).set(skuId, next))}
                />
              )
            );
          })}
      </div>
      {write.error && <ErrorState error={write.error} />}
    </Pane>
  );
}
