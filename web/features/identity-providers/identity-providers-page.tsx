import { Button } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { List } from '../../ui/list/list.tsx';
import { formatNumber } from '../../ui/number.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { usePerson } from '../../ui/person.ts';
import { usePane, useSearchParameters } from '../../ui/search-parameter.ts';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { AddProviderPane } from './add-provider-pane.tsx';
import { PasswordSetting } from './password-setting.tsx';
import { KIND_NAMES, providersPath, useSignInSetting, WRITES, type Provider } from './provider-data.ts';
import { ProviderPane } from './provider-pane.tsx';

const COLUMNS: readonly Column<Provider>[] = [
  { id: 'name', label: 'Name', cell: (row) => row.displayName, orderBy: 'displayName' },
  { id: 'kind', label: 'Identity provider', cell: (row) => KIND_NAMES[row.kind], orderBy: 'kind' },
  { id: 'domains', label: 'Domains', cell: (row) => row.domains.join(', ') || 'None' },
  {
    id: 'status',
    label: 'Status',
    cell: (row) =>
      row.isEnabled ? <StatusBadge tone="good">On</StatusBadge> : <StatusBadge tone="neutral">Off</StatusBadge>,
    width: '90px',
  },
  { id: 'users', label: 'Users', cell: (row) => formatNumber(row.linkedUserCount), isNumber: true, width: '90px' },
];

/** Settings > Identity providers. */
export function IdentityProvidersPage() {
  const state = useListState();
  const mayWrite = usePerson().may(WRITES);
  const setting = useSignInSetting();
  const pane = usePane('provider');
  const adding = usePane('open');
  const [, set] = useSearchParameters();
  const add = mayWrite && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => adding.open('add')}>
      Add a provider
    </Button>
  );
  return (
    <>
      <PageTitle title="Identity providers" />
      <List<Provider>
        queryKey={['identityProviders', 'list']}
        path={providersPath(state)}
        state={state}
        label="Identity providers"
        noun={['provider', 'providers']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onOpen={(row) => pane.open(row.id)}
        searchLabel="Search providers"
        actions={add}
        empty={
          <EmptyState title="People sign in with a password alone" action={add}>
            With an identity provider, they sign in by the account that they have in your organisation.
          </EmptyState>
        }
      />
      {setting.error && <ErrorState error={setting.error} retry={() => void setting.refetch()} />}
      {setting.data && <PasswordSetting setting={setting.data} />}
      {adding.value && mayWrite && setting.data && (
        <AddProviderPane
          redirectUri={setting.data.redirectUri}
          onClose={adding.close}
          onAdded={(id) => set({ open: undefined, provider: id }, { ignoreBlocker: true })}
        />
      )}
      {pane.value && <ProviderPane key={pane.value} id={pane.value} onClose={pane.close} />}
    </>
  );
}
