import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { query, searchText, useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { Picker, type Choice } from '../../ui/picker.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { endOfDay } from './product-data.ts';
import { problemsOf, QuantityAndEnd, type Purchase } from './quantity-and-end.tsx';

const EMPTY: Purchase = { quantity: '', hasEnd: false, endDay: '' };

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

/** Chooses a product of the catalogue, and how many licenses of it. */
export function AddProductPane({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [product, setProduct] = useState<Choice>();
  const [purchase, setPurchase] = useState(EMPTY);
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(['skuId', 'totalLicenses', 'nextLifecycleDateTime']);
  const problems = problemsOf(purchase, { atLeast: 1 });
  const save = async () => {
    setTried(true);
    failure.clear();
    if (!product || problems || isBusy) return;
    setBusy(true);
    try {
      const totalLicenses = Number(purchase.quantity);
      const nextLifecycleDateTime = purchase.hasEnd ? endOfDay(purchase.endDay) : null;
      await api.send('POST', '/v1.0/directory/subscriptions', {
        body: { skuId: product.id, totalLicenses, nextLifecycleDateTime },
      });
      void client.invalidateQueries({ queryKey: ['pools'] });
      notify.success('Product added', `${count(totalLicenses, 'license')} of ${product.name}.`);
      onClose();
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      title="Add a product"
      parameter="add"
      isDirty={!isBusy && (product !== undefined || purchase.quantity !== '')}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={isBusy} onClick={() => void save()}>
          {isBusy ? <Spinner size="tiny" label="Add" /> : 'Add'}
        </Button>
      }
    >
      <div className={styles.form}>
        <Picker<{ skuId: string; displayName: string; skuPartNumber: string }>
          label="Product"
          hint="From the catalogue, by name or part number."
          isSingle
          queryKey={['products']}
          pathOf={(search) =>
            `/v1.0/admin/products${query({ $search: searchText(search), $orderby: 'displayName', $top: 30 })}&$select=skuId,displayName,skuPartNumber`
          }
          choiceOf={({ skuId, displayName, skuPartNumber }) => ({
            id: skuId,
            name: displayName,
            detail: skuPartNumber,
          })}
          chosen={product ? [product] : []}
          onChange={([chosen]) => setProduct(chosen)}
          validationMessage={failure.fields['skuId'] ?? (isTried && !product ? 'Choose a product.' : undefined)}
        />
        <QuantityAndEnd
          purchase={purchase}
          onChange={setPurchase}
          problems={{
            ...(isTried && problems),
            ...(failure.fields['totalLicenses'] && { quantity: failure.fields['totalLicenses'] }),
            ...(failure.fields['nextLifecycleDateTime'] && { endDay: failure.fields['nextLifecycleDateTime'] }),
          }}
        />
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
