import { makeStyles, Skeleton, SkeletonItem, Text, tokens } from '@fluentui/react-components';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import { Holders } from './holders.tsx';
import { usePool } from './license-data.ts';
import { PoolUseSection } from './pool-use-section.tsx';

const useStyles = makeStyles({
  numbers: { display: 'block', marginBottom: tokens.spacingVerticalL },
});

/** A product's licenses: who holds one, giving it to others, taking it from some. */
export function PoolPane({ skuId, onClose }: { skuId: string; onClose: () => void }) {
  const styles = useStyles();
  const pool = usePool(skuId);
  const mayReadUsers = usePerson().may('User.Read.All');
  const { data, error } = pool;
  return (
    <Pane open title={data?.displayName ?? 'Product'} parameter="product" onClose={onClose}>
      {error && <ErrorState error={error} retry={() => void pool.refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={48} />
        </Skeleton>
      )}
      {data && (
        <Text className={styles.numbers}>
          {formatNumber(data.consumedUnits)} of{' '}
          {count(data.prepaidUnits.enabled + data.prepaidUnits.warning, 'license')} assigned,{' '}
          {formatNumber(data.availableUnits)} available.
        </Text>
      )}
      {/* Each asks for its own, beside the pool's numbers: one after the other, the pane was half a second later. */}
      {!error && <PoolUseSection skuId={skuId} />}
      {!error && mayReadUsers && (
        <Holders skuId={skuId} name={data?.displayName ?? 'the product'} available={data?.availableUnits ?? 0} />
      )}
      {data && !mayReadUsers && <Text>Your role doesn’t let you see who holds them.</Text>}
    </Pane>
  );
}
