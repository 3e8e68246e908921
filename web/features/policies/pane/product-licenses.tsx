import { Button, Checkbox, Link, makeStyles, tokens, typographyStyles } from '@fluentui/react-components';
import { ArrowDownRegular, ArrowUpRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { count } from '../../../ui/number.ts';
import { moved } from '../moved.ts';
import { useAvailable, useProducts, type OfferedProduct } from '../policy-data.ts';
import { PRODUCTS_MAX } from '../wizard/draft.ts';
import { AddProductPane } from './add-product-pane.tsx';
import type { PaneState } from './pane-state.ts';
import { RemoveProductPane } from './remove-product-pane.tsx';

const useStyles = makeStyles({
  title: { ...typographyStyles.subtitle2, margin: 0, marginBottom: tokens.spacingVerticalXS },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  label: { overflowWrap: 'anywhere' },
  heard: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  row: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM },
});

interface Properties {
  readonly state: PaneState;
  readonly fitting: readonly OfferedProduct[] | undefined;
  readonly mayWrite: boolean;
}

/** Product licenses: the ordered products with a box next to each, moved by Move up and Move down. */
export function ProductLicenses({ state, fitting, mayWrite }: Properties) {
  const styles = useStyles();
  const { products } = state.draft;
  const { data: named } = useProducts(products.map(({ skuId }) => skuId));
  const { data: available } = useAvailable();
  const [selected, setSelected] = useState<string>();
  const [open, setOpen] = useState<'add' | 'remove'>();
  const index = products.findIndex(({ skuId }) => skuId === selected);
  // What has just been added is one of those that were offered.
  const nameOf = (skuId: string) =>
    (named?.get(skuId) ?? fitting?.find((product) => product.skuId === skuId))?.displayName ?? '…';
  const left = (fitting ?? []).filter(({ skuId }) => !products.some((product) => product.skuId === skuId));
  const [said, setSaid] = useState('');
  const move = (to: number) => {
    state.change({ products: moved(products, index, to) });
    const place = to === 0 ? 'the primary product' : `backup product ${to}`;
    setSaid(`${nameOf(products[index]!.skuId)} is now ${place} of ${count(products.length, 'product')}.`);
  };

  return (
    <section>
      <h3 className={styles.title}>Product licenses</h3>
      <ol className={styles.list}>
        {products.map(({ skuId }, at) => {
          const free = available && count(available.get(skuId) ?? 0, 'available license');
          const label = `${nameOf(skuId)} (${[at === 0 ? 'primary' : 'backup', free].filter(Boolean).join(', ')})`;
          return (
            <li key={skuId}>
              {mayWrite ? (
                <Checkbox
                  className={styles.label}
                  label={label}
                  checked={selected === skuId}
                  onChange={(_, { checked }) => setSelected(checked === true ? skuId : undefined)}
                />
              ) : (
                label
              )}
            </li>
          );
        })}
      </ol>
      {mayWrite && (
        <>
          <div className={styles.row}>
            <Button
              size="small"
              icon={<ArrowUpRegular />}
              disabledFocusable={index <= 0}
              onClick={() => index > 0 && move(index - 1)}
            >
              Move up
            </Button>
            <Button
              size="small"
              icon={<ArrowDownRegular />}
              disabledFocusable={index < 0 || index === products.length - 1}
              onClick={() => index >= 0 && index < products.length - 1 && move(index + 1)}
            >
              Move down
            </Button>
          </div>
          {/* Who doesn't see the list hears where the product has got to. */}
          <span role="status" className={styles.heard}>
            {said}
          </span>
          <div className={styles.row}>
            {left.length > 0 && products.length < PRODUCTS_MAX && (
              <Link as="button" onClick={() => setOpen('add')}>
                Add a backup product to this policy
              </Link>
            )}
            <Link as="button" onClick={() => setOpen('remove')}>
              Remove a product
            </Link>
          </div>
        </>
      )}
      {open === 'add' && (
        <AddProductPane
          offered={left}
          onAdd={(skuId) => state.change({ products: [...products, { skuId, disabledPlans: [] }] })}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === 'remove' && <RemoveProductPane state={state} onClose={() => setOpen(undefined)} />}
    </section>
  );
}
