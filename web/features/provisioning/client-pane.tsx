import { Divider, makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { DateTime } from '../../ui/date-time.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { PROVIDERS, useClient } from './client-data.ts';
import { ClientSettings } from './client-settings.tsx';
import { ClientSteps } from './client-steps.tsx';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

interface Properties {
  readonly id: string;
  readonly token: string | undefined;
  readonly onToken: (id: string, token: string) => void;
  readonly onClose: () => void;
}

/** A provisioning client: how it does, what to put where at the provider, its settings. */
export function ClientPane({ id, token, onToken, onClose }: Properties) {
  const styles = useStyles();
  const [isDirty, setDirty] = useState(false);
  const { data, error, refetch } = useClient(id);
  return (
    <Pane
      open
      title={data?.displayName ?? 'Provisioning client'}
      parameter="client"
      isDirty={isDirty}
      onClose={onClose}
    >
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={96} />
        </Skeleton>
      )}
      {data && (
        <div className={styles.body}>
          <Facts>
            <Fact name="Identity provider">{PROVIDERS[data.kind]}</Fact>
            <Fact name="Last call">
              <DateTime value={data.lastUsedDateTime} />
            </Fact>
            <Fact name="Users">{formatNumber(data.userCount)}</Fact>
            <Fact name="Groups">{formatNumber(data.groupCount)}</Fact>
          </Facts>
          <ClientSteps client={data} token={token} />
          <Divider />
          <ClientSettings
            key={`${data.displayName} ${data.releasesLicenses}`}
            client={data}
            onDirty={setDirty}
            onToken={onToken}
            onGone={onClose}
          />
        </div>
      )}
    </Pane>
  );
}
