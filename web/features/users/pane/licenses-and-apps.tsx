import { Button, makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { DateTime } from '../../../ui/date-time.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { count } from '../../../ui/number.ts';
import { usePerson } from '../../../ui/person.ts';
import { ErrorState } from '../../../ui/states.tsx';
import { StatusBadge } from '../../../ui/status-badge.tsx';
import type { User } from '../user-data.ts';
import { AssignPane } from './assign-pane.tsx';
import { pathText, useAssign, useHeldLicenses, type HeldLicense } from './license-api.ts';
import { MissingLicenses } from './missing-licenses.tsx';
import { Why } from './why.tsx';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    paddingBlock: tokens.spacingVerticalM,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  line: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  paths: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  grey: { color: tokens.colorNeutralForeground3 },
});

/** Licenses and apps of a user: what they hold and why, assigning by hand, and the question Why? for any app. */
export function LicensesAndApps({ user }: { user: User }) {
  const styles = useStyles();
  const notify = useNotify();
  const person = usePerson();
  const mayAssign = person.may('LicenseAssignment.ReadWrite.All');
  const held = useHeldLicenses(user.id);
  const assign = useAssign(user.id);
  const [assigned, setAssigned] = useState<HeldLicense | 'new'>();
  const [unassigned, setUnassigned] = useState<HeldLicense>();
  return (
    <div className={styles.body}>
      <div>
        <div className={styles.line}>
          <Subtitle2 as="h3">Licenses</Subtitle2>
          {mayAssign && (
            <Button size="small" icon={<AddRegular />} onClick={() => setAssigned('new')}>
              Assign a license
            </Button>
          )}
        </div>
        {held.error && <ErrorState error={held.error} retry={() => void held.refetch()} />}
        {held.isPending && (
          <Skeleton aria-label="Loading">
            <SkeletonItem size={64} />
          </Skeleton>
        )}
        <MissingLicenses userId={user.id} mayAssign={mayAssign} />
        {held.data?.length === 0 && <Text className={styles.grey}>They hold no license.</Text>}
        <ul className={styles.list}>
          {held.data?.map((license) => (
            <li key={license.skuId} className={styles.item}>
              <div className={styles.line}>
                <Text weight="semibold">{license.displayName}</Text>
                {!license.isUsable && <StatusBadge tone="warning">Subscription run out</StatusBadge>}
              </div>
              <Text className={styles.grey}>
                Since <DateTime value={license.assignedDateTime} show="date" /> ·{' '}
                {count(license.servicePlans.length, 'app or service', 'apps and services')} on
              </Text>
              <ul className={styles.paths} aria-label={`Why they hold ${license.displayName}`}>
                {license.paths.map((path) => (
                  <li key={pathText(path)}>
                    {pathText(path)} (<DateTime value={path.assignedDateTime} show="date" />)
                  </li>
                ))}
              </ul>
              {mayAssign && (
                <div className={styles.line}>
                  <Button size="small" onClick={() => setAssigned(license)}>
                    Edit apps and services
                  </Button>
                  {license.paths.some(({ kind }) => kind !== 'group') ? (
                    <Button size="small" appearance="subtle" onClick={() => setUnassigned(license)}>
                      Unassign
                    </Button>
                  ) : (
                    <Text size={200} className={styles.grey}>
                      It comes from a group: it ends when they leave it.
                    </Text>
                  )}
                </div>
              )}
            </li>
          ))}
        </ul>
      </div>
      {person.may('AutoClaimPolicy.Read.All') && <Why userId={user.id} />}
      {assigned && (
        <AssignPane
          user={user}
          license={assigned === 'new' ? undefined : assigned}
          onClose={() => setAssigned(undefined)}
        />
      )}
      <ConfirmDialog
        open={unassigned !== undefined}
        title={`Unassign ${unassigned?.displayName ?? ''} from ${user.displayName}?`}
        confirmLabel="Unassign"
        onConfirm={async () => {
          await assign([], [unassigned!.skuId]);
          notify.success('License unassigned', unassigned!.displayName);
          setUnassigned(undefined);
        }}
        onClose={() => setUnassigned(undefined)}
      >
        {unassigned?.paths.some(({ kind }) => kind === 'group')
          ? 'What was assigned by hand or claimed ends. They keep the license that a group gives them.'
          : `${count(unassigned?.servicePlans.length ?? 0, 'app or service goes', 'apps and services go')} off for them, and 1 license becomes free.`}
      </ConfirmDialog>
    </div>
  );
}
