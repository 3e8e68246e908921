import { Button } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { DateTime } from '../../ui/date-time.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { List } from '../../ui/list/list.tsx';
import { formatNumber } from '../../ui/number.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { usePerson } from '../../ui/person.ts';
import { usePane, useSearchParameters } from '../../ui/search-parameter.ts';
import { EmptyState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { AddClientPane } from './add-client-pane.tsx';
import { clientsPath, PROVIDERS, type Client } from './client-data.ts';
import { ClientPane } from './client-pane.tsx';

const COLUMNS: readonly Column<Client>[] = [
  { id: 'name', label: 'Name', cell: (row) => row.displayName, orderBy: 'displayName' },
  { id: 'provider', label: 'Identity provider', cell: (row) => PROVIDERS[row.kind], orderBy: 'kind' },
  {
    id: 'status',
    label: 'Token',
    cell: (row) =>
      row.isRevoked ? (
        <StatusBadge tone="bad">Revoked</StatusBadge>
      ) : (
        <StatusBadge tone="good">{`${row.tokenHint}…`}</StatusBadge>
      ),
    width: '130px',
  },
  { id: 'last', label: 'Last call', cell: (row) => <DateTime value={row.lastUsedDateTime} />, width: '190px' },
  { id: 'users', label: 'Users', cell: (row) => formatNumber(row.userCount), isNumber: true, width: '90px' },
  { id: 'groups', label: 'Groups', cell: (row) => formatNumber(row.groupCount), isNumber: true, width: '90px' },
];

/** Settings > Provisioning. */
export function ProvisioningPage() {
  const state = useListState();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const pane = usePane('client');
  const adding = usePane('open');
  const [, set] = useSearchParameters();
  // Shown once: it is nowhere but here, until the pane is closed.
  const [token, setToken] = useState<{ id: string; text: string }>();
  const add = mayWrite && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => adding.open('add')}>
      Add a provisioning client
    </Button>
  );
  return (
    <>
      <PageTitle title="Provisioning" />
      <List<Client>
        queryKey={['provisioning', 'list']}
        path={clientsPath(state)}
        state={state}
        label="Provisioning clients"
        noun={['client', 'clients']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onOpen={(row) => pane.open(row.id)}
        searchLabel="Search provisioning clients"
        actions={add}
        empty={
          <EmptyState title="No identity provider keeps users here yet" action={add}>
            By SCIM, Entra ID, Okta and others tell who there is, in which groups, and who has left: their licenses
            become free.
          </EmptyState>
        }
      />
      {adding.value && mayWrite && (
        <AddClientPane
          onClose={adding.close}
          onAdded={({ id, tokenText }) => {
            setToken({ id, text: tokenText });
            set({ open: undefined, client: id }, { ignoreBlocker: true });
          }}
        />
      )}
      {pane.value && (
        <ClientPane
          key={pane.value}
          id={pane.value}
          token={token?.id === pane.value ? token.text : undefined}
          onToken={(id, text) => setToken({ id, text })}
          onClose={() => {
            setToken(undefined);
            pane.close();
          }}
        />
      )}
    </>
  );
}
