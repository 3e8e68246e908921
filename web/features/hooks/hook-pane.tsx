import { makeStyles, Skeleton, SkeletonItem, Tab, TabList, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Pane } from '../../ui/pane.tsx';
import { useSearchParameter } from '../../ui/search-parameter.ts';
import { ErrorState } from '../../ui/states.tsx';
import { HookApps } from './hook-apps.tsx';
import { useHook } from './hook-data.ts';
import { HookSettings } from './hook-settings.tsx';
import { HookSteps } from './hook-steps.tsx';
import { TestEvent } from './test-event.tsx';

const useStyles = makeStyles({
  tabs: { marginBottom: tokens.spacingVerticalL, marginInlineStart: '-12px', flexWrap: 'wrap' },
});

const TABS = { steps: 'Set up', apps: 'Apps', test: 'Events', settings: 'Settings' } as const;

interface Properties {
  readonly id: string;
  readonly secret: string | undefined;
  readonly onSecret: (id: string, secret: string) => void;
  readonly onClose: () => void;
}

/** A hook: what to do at the provider, which app is which, how it does, its settings. */
export function HookPane({ id, secret, onSecret, onClose }: Properties) {
  const styles = useStyles();
  const [tab = 'steps', setTab] = useSearchParameter('tab', { replace: true });
  const [isDirty, setDirty] = useState(false);
  const hook = useHook(id);
  const { data, error } = hook;
  const close = () => {
    setTab(undefined);
    onClose();
  };
  return (
    <Pane open title={data?.displayName ?? 'Hook'} parameter="hook" isDirty={isDirty} onClose={close}>
      {error && <ErrorState error={error} retry={() => void hook.refetch()} />}
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
            onTabSelect={(_, { value }) => !isDirty && setTab(value === 'steps' ? undefined : String(value))}
          >
            {Object.entries(TABS).map(([value, label]) => (
              <Tab key={value} value={value} disabled={isDirty && value !== tab}>
                {label}
              </Tab>
            ))}
          </TabList>
          {tab === 'apps' && <HookApps hook={data} onDirty={setDirty} />}
          {tab === 'test' && <TestEvent hook={data} />}
          {tab === 'settings' && (
            <HookSettings
              hook={data}
              onDirty={setDirty}
              onSecret={(of, text) => {
                setTab(undefined);
                onSecret(of, text);
              }}
              onGone={close}
            />
          )}
          {!['apps', 'test', 'settings'].includes(tab) && <HookSteps hook={data} secret={secret} />}
        </>
      )}
    </Pane>
  );
}
