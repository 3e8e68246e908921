import { makeStyles, Skeleton, SkeletonItem, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { usePerson } from '../../ui/person.ts';
import { useSearchParameter } from '../../ui/search-parameter.ts';
import { ErrorState } from '../../ui/states.tsx';
import { Holders } from './holders.tsx';
import { usePool } from './license-data.ts';
import { PoolUseSection } from './pool-use-section.tsx';
import { ProductGroups } from './product-groups.tsx';

const useStyles = makeStyles({
  numbers: { display: 'block', marginBottom: tokens.spacingVerticalL },
  tabs: { marginBottom: tokens.spacingVerticalL, marginInlineStart: '-12px' },
});

/** A product's licenses: who holds one, which groups give it, giving it to others, taking it from some. */
export function PoolPane({ skuId, onClose }: { skuId: string; onClose: () => void }) {
  const styles = useStyles();
  const pool = usePool(skuId);
  const mayReadUsers = usePerson().may('User.Read.All');
  const { data, error } = pool;
  const [tab = 'users', setTab] = useSearchParameter('of', { replace: true });
  const close = () => {
    setTab(undefined);
    onClose();
  };
  return (
    <Pane open title={data?.displayName ?? 'Product'} parameter="product" onClose={close}>
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
        <>
          <TabList
            className={styles.tabs}
            selectedValue={tab}
            onTabSelect={(_, { value }) => setTab(value === 'users' ? undefined : String(value))}
          >
            <Tab value="users">Users</Tab>
            <Tab value="groups">Groups</Tab>
          </TabList>
          {tab === 'groups' ? (
            <ProductGroups skuId={skuId} name={data?.displayName ?? 'the product'} />
          ) : (
            <Holders skuId={skuId} name={data?.displayName ?? 'the product'} available={data?.availableUnits ?? 0} />
          )}
        </>
      )}
      {data && !mayReadUsers && <Text>Your role doesn’t let you see who holds them.</Text>}
    </Pane>
  );
}
