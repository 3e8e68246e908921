import { Button } from '@fluentui/react-components';
import { ArrowUploadRegular, DeleteRegular, PersonAddRegular, PersonProhibitedRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { BulkProgress } from '../../ui/bulk-progress.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { ListFilter } from '../../ui/list/list-toolbar.tsx';
import { List } from '../../ui/list/list.tsx';
import { formatNumber } from '../../ui/number.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { usePerson } from '../../ui/person.ts';
import { usePane } from '../../ui/search-parameter.ts';
import { EmptyState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { AddUserPane } from './add-user-pane.tsx';
import { ImportPane } from './import-pane.tsx';
import { UserPane } from './pane/user-pane.tsx';
import { useUserWork, UserWorkDialog, type UserWork } from './user-work.tsx';
import { FILTER_NAMES, FILTERS, usersPath, type User } from './user-data.ts';

type Row = Pick<User, 'id' | 'displayName' | 'userPrincipalName' | 'userType' | 'accountEnabled' | 'assignedLicenses'>;

const COLUMNS: readonly Column<Row>[] = [
  { id: 'name', label: 'Display name', cell: (row) => row.displayName, orderBy: 'displayName', width: '28%' },
  { id: 'upn', label: 'User name', cell: (row) => row.userPrincipalName, orderBy: 'userPrincipalName', width: '34%' },
  {
    id: 'licenses',
    label: 'Licenses',
    cell: (row) => formatNumber(row.assignedLicenses.length),
    isNumber: true,
    width: '80px',
  },
  { id: 'type', label: 'Type', cell: (row) => row.userType, orderBy: 'userType', width: '90px' },
  {
    id: 'status',
    label: 'Sign-in',
    cell: ({ accountEnabled }) => (
      <StatusBadge tone={accountEnabled ? 'good' : 'bad'}>{accountEnabled ? 'Allowed' : 'Blocked'}</StatusBadge>
    ),
    orderBy: 'accountEnabled',
    width: '110px',
  },
];

/** Users > Active users. */
export function UsersPage() {
  const state = useListState({ filters: FILTER_NAMES });
  const mayWrite = usePerson().may('User.ReadWrite.All');
  const pane = usePane('user');
  const panel = usePane('open');
  const [selected, setSelected] = useState<ReadonlyMap<string, Row>>(new Map());
  const [asked, setAsked] = useState<UserWork>();
  const work = useUserWork(() => setSelected(new Map()));
  const isIdle = selected.size === 0 || work.bulk.isRunning;
  const add = (
    <Button appearance="primary" icon={<PersonAddRegular />} onClick={() => panel.open('add')}>
      Add a user
    </Button>
  );
  return (
    <>
      <PageTitle title="Active users" />
      <BulkProgress bulk={work.bulk} />
      <List<Row>
        queryKey={['users', 'list']}
        path={usersPath(state)}
        state={state}
        label="Active users"
        noun={['user', 'users']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        rowName={(row) => row.displayName}
        onOpen={(row) => pane.open(row.id)}
        selection={mayWrite ? { selected, onChange: setSelected } : undefined}
        searchLabel="Search users"
        filters={FILTER_NAMES.map((name) => (
          <ListFilter
            key={name}
            state={state}
            name={name}
            label={FILTERS[name].label}
            choices={FILTERS[name].choices}
          />
        ))}
        actions={
          mayWrite && (
            <>
              {add}
              <Button appearance="subtle" icon={<ArrowUploadRegular />} onClick={() => panel.open('import')}>
                Import
              </Button>
              <Button
                appearance="subtle"
                icon={<PersonProhibitedRegular />}
                disabledFocusable={isIdle}
                onClick={() => setAsked('block')}
              >
                Block sign-in
              </Button>
              <Button
                appearance="subtle"
                icon={<DeleteRegular />}
                disabledFocusable={isIdle}
                onClick={() => setAsked('delete')}
              >
                Delete
              </Button>
            </>
          )
        }
        empty={
          <EmptyState title="There are no users yet" action={mayWrite && add}>
            Add them here, import a list, or let your identity provider create them.
          </EmptyState>
        }
      />
      <UserWorkDialog
        work={asked}
        users={[...selected.values()]}
        onConfirm={() => {
          if (asked) void work.run(asked, [...selected.values()]);
          setAsked(undefined);
        }}
        onClose={() => setAsked(undefined)}
      />
      {pane.value && <UserPane key={pane.value} id={pane.value} onClose={pane.close} />}
      {panel.value === 'add' && mayWrite && <AddUserPane onClose={panel.close} />}
      {panel.value === 'import' && mayWrite && <ImportPane onClose={panel.close} />}
    </>
  );
}
