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
import { AddAppPane } from './add-app-pane.tsx';
import { appsPath, KINDS, kindOf, type App } from './app-data.ts';
import { AppPane } from './app-pane.tsx';

const COLUMNS: readonly Column<App>[] = [
  { id: 'name', label: 'Name', cell: (row) => row.displayName, orderBy: 'displayName' },
  { id: 'kind', label: 'How people sign in', cell: (row) => KINDS[kindOf(row)].label },
  {
    id: 'plans',
    label: 'Licenses that open it',
    cell: (row) => (row.requiredServicePlanIds.length === 0 ? 'None' : formatNumber(row.requiredServicePlanIds.length)),
    width: '170px',
  },
  {
    id: 'refusal',
    label: 'Without a license',
    cell: (row) => (row.onRefusal === 'block' ? 'Not let in' : 'Let in'),
    width: '150px',
  },
  {
    id: 'created',
    label: 'Added',
    cell: (row) => <DateTime value={row.createdDateTime} />,
    orderBy: 'createdDateTime',
    width: '190px',
  },
];

/** Settings > Apps. */
export function AppsPage() {
  const state = useListState();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const pane = usePane('app');
  const adding = usePane('open');
  const [, set] = useSearchParameters();
  // Shown once: it is nowhere but here, until the pane is closed.
  const [secret, setSecret] = useState<{ id: string; text: string }>();
  const add = mayWrite && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => adding.open('add')}>
      Add an app
    </Button>
  );
  return (
    <>
      <PageTitle title="Apps" />
      <List<App>
        queryKey={['apps', 'list']}
        path={appsPath(state)}
        state={state}
        label="Apps"
        noun={['app', 'apps']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onOpen={(row) => pane.open(row.id)}
        searchLabel="Search apps"
        actions={add}
        empty={
          <EmptyState title="No app is registered yet" action={add}>
            People sign in to an app through Autoclaim, and get the license that it requires on the way.
          </EmptyState>
        }
      />
      {adding.value && mayWrite && (
        <AddAppPane
          onClose={adding.close}
          onAdded={(id, text) => {
            setSecret(text === undefined ? undefined : { id, text });
            set({ open: undefined, app: id }, { ignoreBlocker: true });
          }}
        />
      )}
      {pane.value && (
        <AppPane
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
