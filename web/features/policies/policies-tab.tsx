import { Button, makeStyles, SearchBox, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { AddRegular, ArrowSortRegular, DataBarVerticalRegular } from '@fluentui/react-icons';
import { useNavigate } from '@tanstack/react-router';
import { usePerson } from '../../ui/person.ts';
import { usePane, useSearchParameter } from '../../ui/search-parameter.ts';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { PolicyPane } from './pane/policy-pane.tsx';
import { PolicyTable } from './policy-table.tsx';
import { usePolicies } from './policy-data.ts';
import { ReorderPane } from './reorder-pane.tsx';
import { TurnedOff } from './turned-off.tsx';
import { useSwitch } from './switch.ts';

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    alignItems: 'center',
    marginBlock: tokens.spacingVerticalM,
  },
  search: { marginLeft: 'auto', width: '260px', maxWidth: '100%' },
});

/** Billing > Licenses, tab Auto-claim policy. */
export function PoliciesTab() {
  const setting = useSwitch();
  // Asked for beside the setting, and not after it; shown where that is on.
  usePolicies();
  if (setting.error) return <ErrorState error={setting.error} retry={() => void setting.refetch()} />;
  if (!setting.data) return <Waiting />;
  return setting.data.isEnabled ? <Policies /> : <TurnedOff />;
}

function Policies() {
  const styles = useStyles();
  const navigate = useNavigate();
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const mayReport = usePerson().may('Reports.Read.All');
  const policies = usePolicies();
  const pane = usePane('policy');
  const [search, setSearch] = useSearchParameter('q', { replace: true });
  // The app whose policies are put in order.
  const ordering = usePane('order');
  const severalOfOneApp = policies.data?.find((one) => one.order > 1)?.appId;

  return (
    <>
      <div className={styles.bar}>
        {mayWrite && (
          <Button
            appearance="primary"
            icon={<AddRegular />}
            onClick={() => void navigate({ to: '/licenses/auto-claim/add' })}
          >
            Add a policy
          </Button>
        )}
        {mayReport && (
          <Button icon={<DataBarVerticalRegular />} onClick={() => void navigate({ to: '/reports/auto-claim' })}>
            View report
          </Button>
        )}
        {mayWrite && severalOfOneApp !== undefined && (
          <Button appearance="subtle" icon={<ArrowSortRegular />} onClick={() => ordering.open(severalOfOneApp)}>
            Change the order
          </Button>
        )}
        <SearchBox
          aria-keyshortcuts="Alt+Q"
          className={styles.search}
          placeholder="Search policies"
          aria-label="Search policies"
          value={search ?? ''}
          onChange={(_, { value }) => setSearch(value)}
        />
      </div>
      {policies.error && <ErrorState error={policies.error} retry={() => void policies.refetch()} />}
      {policies.isPending && <Waiting />}
      {policies.data?.length === 0 && (
        <EmptyState title="There is no auto-claim policy yet">
          A policy names an app and the products from which people get a license the first time that they sign in to it.
        </EmptyState>
      )}
      {policies.data && policies.data.length > 0 && (
        <PolicyTable policies={policies.data} search={search ?? ''} onOpen={pane.open} />
      )}
      {pane.value && policies.data && (
        <PolicyPane key={pane.value} policy={policies.data.find(({ id }) => id === pane.value)} onClose={pane.close} />
      )}
      {ordering.value && mayWrite && policies.data && (
        <ReorderPane
          key={ordering.value}
          policies={policies.data}
          appId={ordering.value}
          onChoose={ordering.open}
          onClose={ordering.close}
        />
      )}
    </>
  );
}

function Waiting() {
  return (
    <Skeleton aria-label="Loading">
      <SkeletonItem size={32} />
    </Skeleton>
  );
}
