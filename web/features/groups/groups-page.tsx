import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { DateTime } from '../../ui/date-time.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { List } from '../../ui/list/list.tsx';
import { GroupLicenseBadge, stateOf, type GroupLicenseState } from '../../ui/group-license-state.tsx';
import { count } from '../../ui/number.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { usePerson } from '../../ui/person.ts';
import { usePane } from '../../ui/search-parameter.ts';
import { EmptyState } from '../../ui/states.tsx';
import { AddGroupPane } from './add-group-pane.tsx';
import { groupsPath, type Group } from './group-data.ts';
import { GroupPane } from './group-pane.tsx';

const useStyles = makeStyles({
  licenses: { display: 'inline-flex', flexWrap: 'wrap', alignItems: 'center', columnGap: tokens.spacingHorizontalM },
});

const COLUMNS: readonly Column<Group>[] = [
  { id: 'name', label: 'Name', cell: (row) => row.displayName, orderBy: 'displayName', width: '30%' },
  {
    id: 'licenses',
    label: 'Licenses',
    cell: (row) =>
      row.assignedLicenses.length > 0 ? (
        <GivenLicenses products={row.assignedLicenses.length} state={stateOf(row)} />
      ) : (
        '–'
      ),
    width: '260px',
  },
  { id: 'description', label: 'Description', cell: (row) => row.description ?? '–' },
  {
    id: 'created',
    label: 'Created',
    cell: (row) => <DateTime value={row.createdDateTime} show="date" />,
    orderBy: 'createdDateTime',
    width: '140px',
  },
];

function GivenLicenses({ products, state }: { products: number; state: GroupLicenseState }) {
  const styles = useStyles();
  return (
    <span className={styles.licenses}>
      {count(products, 'product')} <GroupLicenseBadge state={state} />
    </span>
  );
}

/** Groups. */
export function GroupsPage() {
  const state = useListState();
  const mayWrite = usePerson().may('Group.ReadWrite.All');
  const pane = usePane('group');
  const adding = usePane('open');
  const add = mayWrite && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => adding.open('add')}>
      Add a group
    </Button>
  );
  return (
    <>
      <PageTitle title="Groups" />
      <List<Group>
        queryKey={['groups', 'list']}
        path={groupsPath(state)}
        state={state}
        label="Groups"
        noun={['group', 'groups']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onOpen={(row) => pane.open(row.id)}
        searchLabel="Search groups"
        actions={add}
        empty={
          <EmptyState title="There are no groups yet" action={add}>
            With groups you choose to whom an auto-claim policy applies, and give licenses to all their members.
          </EmptyState>
        }
      />
      {pane.value && <GroupPane key={pane.value} id={pane.value} onClose={pane.close} />}
      {adding.value && mayWrite && <AddGroupPane onClose={adding.close} />}
    </>
  );
}
