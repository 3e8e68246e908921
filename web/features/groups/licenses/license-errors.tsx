import { Button, Dropdown, Field, makeStyles, Option, Subtitle2, tokens } from '@fluentui/react-components';
import { ArrowSyncRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useApi } from '../../../ui/api.ts';
import { BulkProgress } from '../../../ui/bulk-progress.tsx';
import { useBulk } from '../../../ui/bulk-work.ts';
import { FAULT_KINDS, faultText } from '../../../ui/group-license-state.tsx';
import type { Column } from '../../../ui/list/columns.ts';
import { useListState } from '../../../ui/list/list-state.ts';
import { List } from '../../../ui/list/list.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { count, formatNumber } from '../../../ui/number.ts';
import { EmptyState } from '../../../ui/states.tsx';
import { licenseErrorsPath, useReadLicensesAgain, type LicenseError } from './group-license-data.ts';

const useStyles = makeStyles({ title: { display: 'block', marginBottom: tokens.spacingVerticalS } });

const COLUMNS: readonly Column<LicenseError>[] = [
  { id: 'user', label: 'User', cell: (row) => row.userDisplayName, orderBy: 'userDisplayName' },
  { id: 'name', label: 'User name', cell: (row) => row.userPrincipalName },
  { id: 'product', label: 'Product', cell: (row) => row.productDisplayName },
  { id: 'error', label: 'Why not', cell: whyNot },
];

/** Of products that others of the group keep back there is no more to say. */
function whyNot({ error, detail }: LicenseError): string {
  return error === 'Other' ? `${faultText(error)}.` : `${faultText(error)}. ${detail}`;
}

interface Properties {
  readonly groupId: string;
  readonly mayAssign: boolean;
}

/** Members who have not got all that the group gives, why, and looking at them again. */
export function LicenseErrors({ groupId, mayAssign }: Properties) {
  const styles = useStyles();
  const notify = useNotify();
  const api = useApi();
  const readAgain = useReadLicensesAgain();
  const state = useListState({ prefix: 'errors-', filters: ['error'] });
  const bulk = useBulk('Reprocess', groupId);
  const [selected, setSelected] = useState<ReadonlyMap<string, LicenseError>>(new Map());
  const again = () => {
    // A user may be there with several products.
    const users = new Map([...selected.values()].map((row) => [row.userId, row.userDisplayName]));
    void bulk
      .run(
        [...users].map(([id, name]) => ({ id, name })),
        ({ id }) => api.send('POST', `/v1.0/users/${id}/reprocessLicenseAssignment`),
      )
      .then((done) => {
        if (done > 0) notify.success(`${count(done, 'user')} reprocessed`);
        setSelected(new Map());
        readAgain();
      });
  };
  return (
    <>
      <Subtitle2 as="h3" className={styles.title}>
        Errors & issues
      </Subtitle2>
      <BulkProgress bulk={bulk} />
      <List<LicenseError>
        queryKey={['groups', groupId, 'license errors']}
        path={licenseErrorsPath(groupId, state)}
        state={state}
        layout="cards"
        label="Errors and issues"
        noun={['error', 'errors']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        rowName={(row) => `${row.userDisplayName}: ${row.productDisplayName}`}
        selection={mayAssign ? { selected, onChange: setSelected } : undefined}
        searchLabel="Search users"
        filters={
          <Field>
            <Dropdown
              aria-label="Why not"
              value={state.filter('error') ? faultText(state.filter('error')!) : 'All errors'}
              selectedOptions={[state.filter('error') ?? 'all']}
              onOptionSelect={(_, { optionValue }) =>
                state.setFilter('error', optionValue === 'all' ? undefined : optionValue)
              }
            >
              <Option value="all">All errors</Option>
              {FAULT_KINDS.map((kind) => (
                <Option key={kind} value={kind}>
                  {faultText(kind)}
                </Option>
              ))}
            </Dropdown>
          </Field>
        }
        actions={
          mayAssign && (
            <Button
              icon={<ArrowSyncRegular />}
              disabledFocusable={selected.size === 0 || bulk.isRunning}
              onClick={() => selected.size > 0 && again()}
            >
              Reprocess{selected.size > 0 ? ` (${formatNumber(selected.size)})` : ''}
            </Button>
          )
        }
        empty={<EmptyState title="No errors">All members have what the group gives them.</EmptyState>}
      />
    </>
  );
}
