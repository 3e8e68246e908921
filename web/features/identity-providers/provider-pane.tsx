import { Skeleton, SkeletonItem } from '@fluentui/react-components';
import { useState } from 'react';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { useProvider } from './provider-data.ts';
import { ProviderSettings } from './provider-settings.tsx';

interface Properties {
  readonly id: string;
  readonly onClose: () => void;
}

/** An identity provider: its test, its settings. */
export function ProviderPane({ id, onClose }: Properties) {
  const [isDirty, setDirty] = useState(false);
  const { data, error, refetch } = useProvider(id);
  return (
    <Pane
      open
      title={data?.displayName ?? 'Identity provider'}
      parameter="provider"
      isDirty={isDirty}
      onClose={onClose}
    >
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={96} />
        </Skeleton>
      )}
      {data && <ProviderSettings provider={data} onDirty={setDirty} onGone={onClose} />}
    </Pane>
  );
}
