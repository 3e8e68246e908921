import {
  Button,
  makeStyles,
  ProgressBar,
  Skeleton,
  SkeletonItem,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { AddRegular, ArrowSyncRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { GroupLicenses as Licenses } from '../../../../contract/group.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { DateTime } from '../../../ui/date-time.tsx';
import { GroupLicenseBadge } from '../../../ui/group-license-state.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { count, formatNumber } from '../../../ui/number.ts';
import { usePerson } from '../../../ui/person.ts';
import { EmptyState, ErrorState } from '../../../ui/states.tsx';
import { AssignToGroupPane } from './assign-to-group-pane.tsx';
import { useAssignToGroup, useGroupLicenses, useReprocess, type GroupLicense } from './group-license-data.ts';
import { LicenseErrors } from './license-errors.tsx';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  line: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    paddingBlock: tokens.spacingVerticalM,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: 'anywhere',
  },
  state: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  grey: { color: tokens.colorNeutralForeground3 },
});

/** What a group gives its members, how far that has come, and who has not got it. */
export function GroupLicenses({ groupId }: { groupId: string }) {
  const styles = useStyles();
  const licenses = useGroupLicenses(groupId);
  const person = usePerson();
  const mayAssign = person.may('LicenseAssignment.ReadWrite.All') || person.may('Group.ReadWrite.All');
  const [assigned, setAssigned] = useState<GroupLicense | 'new'>();
  const { data, error } = licenses;
  if (error) return <ErrorState error={error} retry={() => void licenses.refetch()} />;
  if (!data) {
    return (
      <Skeleton aria-label="Loading">
        <SkeletonItem size={96} />
      </Skeleton>
    );
  }
  const add = mayAssign && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setAssigned('new')}>
      Assign a license
    </Button>
  );
  // What was removed is in progress too, until it is gone.
  const isEmpty = data.value.length === 0 && data.state === 'allAssigned';
  return (
    <div className={styles.body}>
      {isEmpty ? (
        <EmptyState title="This group gives no licenses" action={add}>
          Products that are assigned here are given to all members, and end when they leave the group.
        </EmptyState>
      ) : (
        <>
          <Progress licenses={data} />
          <Tools groupId={groupId} mayAssign={mayAssign} add={add} />
          <ul className={styles.list} aria-label="Licenses of the group">
            {data.value.map((license) => (
              <Item
                key={license.skuId}
                groupId={groupId}
                license={license}
                members={data.members}
                onEdit={mayAssign ? () => setAssigned(license) : undefined}
              />
            ))}
          </ul>
          {data.inError > 0 && <LicenseErrors groupId={groupId} mayAssign={mayAssign} />}
        </>
      )}
      {assigned && (
        <AssignToGroupPane
          groupId={groupId}
          members={data.members}
          given={data.value}
          license={assigned === 'new' ? undefined : assigned}
          onClose={() => setAssigned(undefined)}
        />
      )}
    </div>
  );
}

function Progress({ licenses: { state, members, waiting, inError } }: { licenses: Licenses }) {
  const styles = useStyles();
  const done = Math.max(members - waiting, 0);
  return (
    <div role="status" className={styles.state}>
      <GroupLicenseBadge state={state} />
      {state === 'inProgress' && (
        <>
          <Text className={styles.grey}>
            {formatNumber(done)} of {count(members, 'member')} done. It goes on when you leave this page.
          </Text>
          <ProgressBar aria-label="Members done" value={members === 0 ? undefined : done / members} />
        </>
      )}
      {state === 'errors' && (
        <Text className={styles.grey}>
          {count(inError, 'member has', 'members have')} not all that the group gives.
        </Text>
      )}
      {state === 'allAssigned' && (
        <Text className={styles.grey}>{count(members, 'member')}, with those of the groups in it.</Text>
      )}
    </div>
  );
}

interface ToolsProperties {
  readonly groupId: string;
  readonly mayAssign: boolean;
  readonly add: React.ReactNode;
}

function Tools({ groupId, mayAssign, add }: ToolsProperties) {
  const styles = useStyles();
  const notify = useNotify();
  const reprocess = useReprocess(groupId);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  if (!mayAssign) return <Text>Your role lets you see this and not change it.</Text>;
  const again = async () => {
    if (isBusy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await reprocess();
      notify.success('The group is reprocessed');
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
    setBusy(false);
  };
  return (
    <>
      <div className={styles.line}>
        {add}
        <Button icon={<ArrowSyncRegular />} disabledFocusable={isBusy} onClick={() => void again()}>
          {isBusy ? <Spinner size="tiny" label="Reprocess all" /> : 'Reprocess all'}
        </Button>
      </div>
      {failure && <ErrorState error={failure} />}
    </>
  );
}

interface ItemProperties {
  readonly groupId: string;
  readonly license: GroupLicense;
  readonly members: number;
  readonly onEdit: (() => void) | undefined;
}

function Item({ groupId, license, members, onEdit }: ItemProperties) {
  const styles = useStyles();
  const notify = useNotify();
  const assign = useAssignToGroup(groupId);
  const [isRemoving, setRemoving] = useState(false);
  const { displayName, skuId, disabledPlans, assignedDateTime, licensed } = license;
  return (
    <li className={styles.item}>
      <Text weight="semibold">{displayName}</Text>
      <Text className={styles.grey}>
        {formatNumber(licensed)} of {count(members, 'member')} · since <DateTime value={assignedDateTime} show="date" />
        {disabledPlans.length > 0 &&
          ` · ${count(disabledPlans.length, 'app or service', 'apps and services')} left out`}
      </Text>
      {onEdit && (
        <div className={styles.line}>
          <Button size="small" aria-label={`Edit apps and services of ${displayName}`} onClick={onEdit}>
            Edit apps and services
          </Button>
          <Button
            size="small"
            appearance="subtle"
            aria-label={`Remove ${displayName} from the group`}
            onClick={() => setRemoving(true)}
          >
            Remove
          </Button>
        </div>
      )}
      <ConfirmDialog
        open={isRemoving}
        title={`Remove ${displayName} from the group?`}
        confirmLabel="Remove"
        onConfirm={async () => {
          await assign([], [skuId]);
          notify.success('License removed from the group', displayName);
          setRemoving(false);
        }}
        onClose={() => setRemoving(false)}
      >
        {count(licensed, 'member has', 'members have')} it by this group. Whoever has it in no other way loses it, and
        their licenses become free.
      </ConfirmDialog>
    </li>
  );
}
