import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { dayOf, endOfDay, type OwnedProduct, type Subscription } from './product-data.ts';
import { problemsOf, QuantityAndEnd, type Purchase } from './quantity-and-end.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly product: OwnedProduct;
  readonly subscription: Subscription;
  readonly onClose: () => void;
}

/** Buys or removes licenses of a subscription, and sets its end. */
export function SubscriptionPane({ product, subscription, onClose }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const { status, totalLicenses, nextLifecycleDateTime: next } = subscription;
  const before: Purchase = {
    quantity: String(totalLicenses),
    // What has run out has its end behind it: a new one, or none, renews it.
    hasEnd: status !== 'Enabled' || next !== null,
    endDay: status === 'Enabled' ? dayOf(next) : '',
  };
  const [purchase, setPurchase] = useState(before);
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const failure = useFormFailure(['totalLicenses', 'nextLifecycleDateTime']);
  const isEndChanged = purchase.hasEnd !== before.hasEnd || (purchase.hasEnd && purchase.endDay !== before.endDay);
  const isChanged = purchase.quantity !== before.quantity || isEndChanged;
  const problems = problemsOf(isEndChanged ? purchase : { ...purchase, hasEnd: false });
  const difference = Number(purchase.quantity) - totalLicenses;
  const save = async () => {
    setTried(true);
    failure.clear();
    if (problems || isBusy || !isChanged) return;
    setBusy(true);
    try {
      await api.send('PATCH', `/v1.0/directory/subscriptions/${subscription.id}`, {
        body: {
          ...(difference !== 0 && { totalLicenses: Number(purchase.quantity) }),
          ...(isEndChanged && { nextLifecycleDateTime: purchase.hasEnd ? endOfDay(purchase.endDay) : null }),
        },
      });
      void client.invalidateQueries({ queryKey: ['pools'] });
      notify.success('Subscription changed', `${product.displayName}: ${count(Number(purchase.quantity), 'license')}.`);
      onClose();
    } catch (error) {
      failure.set(error);
      setBusy(false);
    }
  };
  return (
    <Pane
      open
      size="small"
      title="Change subscription"
      isDirty={isChanged && !isBusy}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={isBusy || !isChanged} onClick={() => void save()}>
          {isBusy ? <Spinner size="tiny" label="Save" /> : 'Save'}
        </Button>
      }
    >
      <div className={styles.form}>
        <Text>{product.displayName}</Text>
        <QuantityAndEnd
          purchase={purchase}
          onChange={setPurchase}
          quantityHint={`${formatNumber(product.consumedUnits)} are assigned, ${formatNumber(product.availableUnits)} are free.`}
          problems={{
            ...(isTried && problems),
            ...(failure.fields['totalLicenses'] && { quantity: failure.fields['totalLicenses'] }),
            ...(failure.fields['nextLifecycleDateTime'] && { endDay: failure.fields['nextLifecycleDateTime'] }),
          }}
        />
        {!problems && difference !== 0 && (
          <Text role="status">
            {difference > 0
              ? `${count(difference, 'license is', 'licenses are')} bought.`
              : `${count(-difference, 'license is', 'licenses are')} removed.`}
          </Text>
        )}
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
