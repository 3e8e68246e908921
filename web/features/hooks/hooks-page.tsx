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
import { AddHookPane } from './add-hook-pane.tsx';
import { hooksPath, PROVIDERS, type Hook } from './hook-data.ts';
import { HookPane } from './hook-pane.tsx';

const COLUMNS: readonly Column<Hook>[] = [
  { id: 'name', label: 'Name', cell: (row) => row.displayName, orderBy: 'displayName' },
  { id: 'provider', label: 'Identity provider', cell: (row) => PROVIDERS[row.kind], orderBy: 'kind' },
  {
    id: 'status',
    label: 'Status',
    cell: (row) =>
      row.isEnabled ? <StatusBadge tone="good">On</StatusBadge> : <StatusBadge tone="neutral">Off</StatusBadge>,
    width: '90px',
  },
  { id: 'last', label: 'Last event', cell: (row) => <DateTime value={row.lastEventDateTime} />, width: '190px' },
  { id: 'events', label: 'Events', cell: (row) => formatNumber(row.eventCount), isNumber: true, width: '90px' },
  { id: 'refused', label: 'Refused', cell: (row) => formatNumber(row.refusedCount), isNumber: true, width: '90px' },
];

/** Settings > Sign-in hooks. */
export function HooksPage() {
  const state = useListState();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const pane = usePane('hook');
  const adding = usePane('open');
  const [, set] = useSearchParameters();
  // Shown once: it is nowhere but here, until the pane is closed.
  const [secret, setSecret] = useState<{ id: string; text: string }>();
  const add = mayWrite && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => adding.open('add')}>
      Add a hook
    </Button>
  );
  return (
    <>
      <PageTitle title="Sign-in hooks" />
      <List<Hook>
        queryKey={['hooks', 'list']}
        path={hooksPath(state)}
        state={state}
        label="Sign-in hooks"
        noun={['hook', 'hooks']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onOpen={(row) => pane.open(row.id)}
        searchLabel="Search hooks"
        actions={add}
        empty={
          <EmptyState title="No identity provider tells of its sign-ins yet" action={add}>
            With a hook, people sign in where they do today, and the license is in their token.
          </EmptyState>
        }
      />
      {adding.value && mayWrite && (
        <AddHookPane
          onClose={adding.close}
          onAdded={({ id, secretText }) => {
            setSecret(secretText === null ? undefined : { id, text: secretText });
            set({ open: undefined, hook: id }, { ignoreBlocker: true });
          }}
        />
      )}
      {pane.value && (
        <HookPane
          key={pane.value}
          id={pane.value}
          secret={secret?.id === pane.value ? secret.text : undefined}
          onSecret={(id, text) => setSecret({ id, text })}
          onClose={() => {
            setSecret(undefined);
            pane.close();
          }}
        />
      )}
    </>
  );
}
