import { Divider, makeStyles, Skeleton, SkeletonItem, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { ErrorState } from '../../../ui/states.tsx';
import type { App } from '../app-data.ts';
import { useForwardAuth } from './forward-auth-data.ts';
import { ForwardAuthSetUp } from './forward-auth-set-up.tsx';
import { ForwardAuthSettings } from './forward-auth-settings.tsx';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly app: App;
  readonly onDirty: (isDirty: boolean) => void;
}

/** An app behind a reverse proxy, which asks Autoclaim for each request. */
export function ForwardAuthTab({ app, onDirty }: Properties) {
  const styles = useStyles();
  const { data, error, refetch } = useForwardAuth(app.appId);
  // Shown once: it is nowhere but here, until the tab is left.
  const [secret, setSecret] = useState<string>();
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <Skeleton aria-label="Loading">
        <SkeletonItem size={96} />
      </Skeleton>
    );
  }
  return (
    <div className={styles.body}>
      {data ? (
        <>
          <ForwardAuthSetUp forwardAuth={data} secret={secret} />
          <Divider />
        </>
      ) : (
        <Text>
          An app that knows nothing of sign-ins, behind nginx, Traefik or Caddy: the proxy asks Autoclaim for each
          request whether it may pass. People sign in here, the license is claimed on the way, and the app reads by
          headers who they are.
        </Text>
      )}
      <ForwardAuthSettings
        // What was saved is what is changed from then on.
        key={JSON.stringify(data)}
        app={app}
        forwardAuth={data}
        onDirty={onDirty}
        isSecretKnown={secret !== undefined}
        onSecret={setSecret}
      />
    </div>
  );
}
