import { makeStyles, Skeleton, SkeletonItem, Tab, TabList, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Pane } from '../../ui/pane.tsx';
import { useSearchParameter } from '../../ui/search-parameter.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useGroup } from './group-data.ts';
import { GroupSettings } from './group-settings.tsx';
import { GroupLicenses } from './licenses/group-licenses.tsx';
import { Members } from './members.tsx';

const useStyles = makeStyles({ tabs: { marginBottom: tokens.spacingVerticalL, marginInlineStart: '-12px' } });

/** A group: its members, what it gives them, its name. */
export function GroupPane({ id, onClose }: { id: string; onClose: () => void }) {
  const styles = useStyles();
  const [tab = 'members', setTab] = useSearchParameter('tab', { replace: true });
  const [isDirty, setDirty] = useState(false);
  const group = useGroup(id);
  const { data, error } = group;
  const close = () => {
    setTab(undefined);
    onClose();
  };
  return (
    <Pane open title={data?.displayName ?? 'Group'} parameter="group" isDirty={isDirty} onClose={close}>
      {error && <ErrorState error={error} retry={() => void group.refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={96} />
        </Skeleton>
      )}
      {data && (
        <>
          <TabList
            className={styles.tabs}
            selectedValue={tab}
            onTabSelect={(_, { value }) => !isDirty && setTab(value === 'members' ? undefined : String(value))}
          >
            <Tab value="members" disabled={isDirty}>
              Members
            </Tab>
            <Tab value="licenses" disabled={isDirty}>
              Licenses
            </Tab>
            <Tab value="settings">Settings</Tab>
          </TabList>
          {tab === 'settings' && <GroupSettings group={data} onDirty={setDirty} onGone={close} />}
          {tab === 'licenses' && <GroupLicenses groupId={id} />}
          {tab !== 'settings' && tab !== 'licenses' && <Members groupId={id} />}
        </>
      )}
    </Pane>
  );
}
