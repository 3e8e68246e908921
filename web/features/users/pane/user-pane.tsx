import { makeStyles, Skeleton, SkeletonItem, Tab, TabList, tokens } from '@fluentui/react-components';
import { Pane } from '../../../ui/pane.tsx';
import { usePerson } from '../../../ui/person.ts';
import { useSearchParameter } from '../../../ui/search-parameter.ts';
import { ErrorState } from '../../../ui/states.tsx';
import { useUser } from '../user-data.ts';
import { AccountTab } from './account-tab.tsx';
import { LicensesAndApps } from './licenses-and-apps.tsx';
import { RolesTab } from './roles-tab.tsx';
import { useState } from 'react';

const useStyles = makeStyles({ tabs: { marginBottom: tokens.spacingVerticalL, marginInlineStart: '-12px' } });

/** A user: their account, what they hold and why, their roles. */
export function UserPane({ id, onClose }: { id: string; onClose: () => void }) {
  const styles = useStyles();
  const mayReadRoles = usePerson().may('RoleManagement.Read.Directory');
  const [tab = 'account', setTab] = useSearchParameter('tab', { replace: true });
  const [isDirty, setDirty] = useState(false);
  const user = useUser(id);
  const { data, error } = user;
  const close = () => {
    setTab(undefined);
    onClose();
  };
  return (
    <Pane open title={data?.displayName ?? 'User'} parameter="user" isDirty={isDirty} onClose={close}>
      {error && <ErrorState error={error} retry={() => void user.refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={128} />
        </Skeleton>
      )}
      {data && (
        <>
          <TabList
            className={styles.tabs}
            selectedValue={tab}
            onTabSelect={(_, { value }) => !isDirty && setTab(value === 'account' ? undefined : String(value))}
          >
            <Tab value="account">Account</Tab>
            <Tab value="licenses" disabled={isDirty}>
              Licenses and apps
            </Tab>
            {mayReadRoles && (
              <Tab value="roles" disabled={isDirty}>
                Roles
              </Tab>
            )}
          </TabList>
          {tab === 'account' && <AccountTab key={id} user={data} onDirty={setDirty} onGone={close} />}
          {tab === 'licenses' && <LicensesAndApps user={data} />}
          {tab === 'roles' && mayReadRoles && <RolesTab user={data} />}
        </>
      )}
    </Pane>
  );
}
