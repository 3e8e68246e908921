import { Button, makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { DateTime } from '../../ui/date-time.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import {
  nextChange,
  STATUSES,
  TONES,
  useMayBuy,
  useOwnedProduct,
  useSubscriptions,
  type OwnedProduct,
  type Subscription,
} from './product-data.ts';
import { SubscriptionPane } from './subscription-pane.tsx';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  numbers: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXXL, margin: 0 },
  name: { color: tokens.colorNeutralForeground3 },
  number: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500 },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    paddingBlock: tokens.spacingVerticalM,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  line: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
  grey: { color: tokens.colorNeutralForeground3 },
});

/** A product that was bought: its licenses, and the subscriptions that they come from. */
export function ProductPane({ skuId, onClose }: { skuId: string; onClose: () => void }) {
  const styles = useStyles();
  const product = useOwnedProduct(skuId);
  const subscriptions = useSubscriptions(skuId);
  const error = product.error ?? subscriptions.error;
  return (
    <Pane open title={product.data?.displayName ?? 'Product'} parameter="product" onClose={onClose}>
      <div className={styles.body}>
        {error && (
          <ErrorState error={error} retry={() => void Promise.all([product.refetch(), subscriptions.refetch()])} />
        )}
        {!error && (!product.data || !subscriptions.data) && (
          <Skeleton aria-label="Loading">
            <SkeletonItem size={96} />
          </Skeleton>
        )}
        {product.data && <Numbers product={product.data} />}
        {product.data && subscriptions.data && (
          <div>
            <Subtitle2 as="h3">Subscriptions</Subtitle2>
            <ul className={styles.list}>
              {subscriptions.data.map((one) => (
                <Item key={one.id} product={product.data} subscription={one} />
              ))}
            </ul>
          </div>
        )}
      </div>
    </Pane>
  );
}

function Numbers({ product }: { product: OwnedProduct }) {
  const styles = useStyles();
  const { enabled, warning, suspended } = product.prepaidUnits;
  const facts = {
    Bought: enabled + warning + suspended,
    Assigned: product.consumedUnits,
    Available: product.availableUnits,
  };
  return (
    <dl className={styles.numbers}>
      {Object.entries(facts).map(([name, value]) => (
        <div key={name}>
          <dt className={styles.name}>{name}</dt>
          <dd className={styles.number}>{formatNumber(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Item({ product, subscription }: { product: OwnedProduct; subscription: Subscription }) {
  const styles = useStyles();
  const mayBuy = useMayBuy();
  const [open, setOpen] = useState<'change' | 'cancel'>();
  const { status, totalLicenses, isTrial, createdDateTime } = subscription;
  return (
    <li className={styles.item}>
      <div className={styles.line}>
        <Text weight="semibold">{count(totalLicenses, 'license')}</Text>
        <StatusBadge tone={TONES[status]}>{STATUSES[status]}</StatusBadge>
        {isTrial && <Text>Trial</Text>}
      </div>
      <Text className={styles.grey}>
        {nextChange(subscription)} · Bought <DateTime value={createdDateTime} show="date" />
      </Text>
      {mayBuy && status !== 'Deleted' && (
        <div className={styles.line}>
          <Button size="small" onClick={() => setOpen('change')}>
            {status === 'Enabled' ? 'Change licenses or end' : 'Change or renew'}
          </Button>
          <Button size="small" appearance="subtle" onClick={() => setOpen('cancel')}>
            {status === 'Suspended' ? 'Delete subscription' : 'Cancel subscription'}
          </Button>
        </div>
      )}
      {open === 'change' && (
        <SubscriptionPane product={product} subscription={subscription} onClose={() => setOpen(undefined)} />
      )}
      <CancelDialog
        open={open === 'cancel'}
        product={product}
        subscription={subscription}
        onClose={() => setOpen(undefined)}
      />
    </li>
  );
}
