import { makeStyles, Skeleton, SkeletonItem, Tab, TabList, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Pane } from '../../ui/pane.tsx';
import { useSearchParameter } from '../../ui/search-parameter.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useApp } from './app-data.ts';
import { AppSecrets } from './app-secrets.tsx';
import { AppSetUp } from './app-set-up.tsx';
import { AppSettings } from './app-settings.tsx';
import { ForwardAuthTab } from './forward-auth/forward-auth-tab.tsx';

const useStyles = makeStyles({
  tabs: { marginBottom: tokens.spacingVerticalL, marginInlineStart: '-12px', flexWrap: 'wrap' },
});

const TABS = { setUp: 'Set up', secrets: 'Secrets', forwardAuth: 'Forward auth', settings: 'Settings' } as const;

interface Properties {
  readonly id: string;
  readonly secret: string | undefined;
  readonly onSecret: (id: string, secret: string) => void;
  readonly onClose: () => void;
}

/** An app: what to put into it, its secrets, its reverse proxy, its settings. */
export function AppPane({ id, secret, onSecret, onClose }: Properties) {
  const styles = useStyles();
  const [tab = 'setUp', setTab] = useSearchParameter('tab', { replace: true });
  const [isDirty, setDirty] = useState(false);
  const app = useApp(id);
  const { data, error } = app;
  const close = () => {
    setTab(undefined);
    onClose();
  };
  return (
    <Pane open title={data?.displayName ?? 'App'} parameter="app" isDirty={isDirty} onClose={close}>
      {error && <ErrorState error={error} retry={() => void app.refetch()} />}
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
            onTabSelect={(_, { value }) => !isDirty && setTab(value === 'setUp' ? undefined : String(value))}
          >
            {Object.entries(TABS).map(([value, label]) => (
              <Tab key={value} value={value} disabled={isDirty && value !== tab}>
                {label}
              </Tab>
            ))}
          </TabList>
          {tab === 'secrets' && (
            <AppSecrets
              app={data}
              onSecret={(text) => {
                setTab(undefined);
                onSecret(id, text);
              }}
            />
          )}
          {tab === 'forwardAuth' && <ForwardAuthTab app={data} onDirty={setDirty} />}
          {tab === 'settings' && <AppSettings app={data} onDirty={setDirty} onGone={close} />}
          {!['secrets', 'forwardAuth', 'settings'].includes(tab) && <AppSetUp app={data} secret={secret} />}
        </>
      )}
    </Pane>
  );
}
