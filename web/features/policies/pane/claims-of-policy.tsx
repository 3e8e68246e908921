import { Text } from '@fluentui/react-components';
import { query } from '../../../ui/api.ts';
import { DateTime } from '../../../ui/date-time.tsx';
import { useListState } from '../../../ui/list/list-state.ts';
import { List } from '../../../ui/list/list.tsx';

interface Claim {
  readonly claimId: string;
  readonly userDisplayName: string;
  readonly userPrincipalName: string;
  readonly productDisplayName: string;
  readonly isBackup: boolean;
  readonly claimedDateTime: string;
}

/** Everything there is: a report's period has to begin somewhere. */
const SINCE = '2000-01-01T00:00:00Z';

/** The users who have claimed under a policy, newest first. */
export function ClaimsOfPolicy({ policyId }: { policyId: string }) {
  const state = useListState({ prefix: 'claims-' });
  const name = state.search.replaceAll("'", "''");
  const searched = name && ` and (startswith(userDisplayName,'${name}') or startswith(userPrincipalName,'${name}'))`;
  return (
    <List<Claim>
      label="Who has claimed"
      layout="cards"
      queryKey={['report', 'policy', policyId]}
      path={`/v1.0/reports/autoClaim${query({ from: SINCE, $top: 10, $count: true, $filter: `policyId eq ${policyId}${searched}` })}`}
      state={state}
      noun={['claim', 'claims']}
      searchLabel="Search by name"
      rowKey={({ claimId }) => claimId}
      columns={[
        { id: 'user', label: 'User', cell: (claim) => claim.userDisplayName },
        { id: 'name', label: 'User name', cell: (claim) => claim.userPrincipalName },
        {
          id: 'product',
          label: 'Product',
          cell: (claim) => `${claim.productDisplayName} (${claim.isBackup ? 'backup' : 'primary'})`,
        },
        { id: 'when', label: 'When', cell: (claim) => <DateTime value={claim.claimedDateTime} /> },
      ]}
      empty={<Text>Nobody has claimed a license under this policy yet.</Text>}
    />
  );
}
