import {
  Dropdown,
  Field,
  makeStyles,
  Option,
  Skeleton,
  SkeletonItem,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, type Page } from '../../../ui/api.ts';
import { DecisionSteps, type DecisionStep } from '../../../ui/decision-steps.tsx';
import { useProductNames } from '../../../ui/product-names.ts';
import { ErrorState } from '../../../ui/states.tsx';
import { StatusBadge, type Tone } from '../../../ui/status-badge.tsx';

interface Explanation {
  readonly outcome: 'licensed' | 'claimed' | 'refused';
  readonly message: string;
  readonly adminMessage: string;
  readonly steps: readonly DecisionStep[];
}

/** What people sign in to; without required plans there is nothing to claim. */
interface App {
  readonly appId: string;
  readonly displayName: string;
  readonly requiredServicePlanIds: readonly string[];
}

const OUTCOMES: Readonly<Record<Explanation['outcome'], readonly [Tone, string]>> = {
  licensed: ['good', 'Licensed already'],
  claimed: ['good', 'Would claim a license'],
  refused: ['bad', 'Would be refused'],
};

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
});

/** Why?: what would happen if the user signed in to an app now, check by check. Changes nothing. */
export function Why({ userId }: { userId: string }) {
  const styles = useStyles();
  const api = useApi();
  const [appId, setAppId] = useState<string>();
  const apps = useQuery({
    queryKey: ['apps', 'with plans'],
    queryFn: async ({ signal }) => {
      const path = '/v1.0/applications?$top=999&$select=appId,displayName,requiredServicePlanIds';
      const { value } = await api.get<Page<App>>(path, signal);
      return value.filter(({ requiredServicePlanIds }) => requiredServicePlanIds.length > 0);
    },
  });
  const explained = useQuery({
    queryKey: ['users', userId, 'why', appId],
    enabled: appId !== undefined,
    queryFn: () => api.send<Explanation>('POST', '/v1.0/signIns/explain', { body: { appId, userId } }),
  });
  const { data } = explained;
  const { data: names } = useProductNames((data?.steps ?? []).flatMap(({ skuId }) => (skuId ? [skuId] : [])));
  return (
    <section className={styles.body} aria-label="Why?">
      <Subtitle2 as="h3">Why?</Subtitle2>
      <Field label="App" hint="What would happen if they signed in to it now, check by check.">
        <Dropdown
          placeholder="Choose an app"
          value={apps.data?.find((app) => app.appId === appId)?.displayName ?? ''}
          selectedOptions={appId ? [appId] : []}
          onOptionSelect={(_, { optionValue }) => setAppId(optionValue)}
        >
          {(apps.data ?? []).map((app) => (
            <Option key={app.appId} value={app.appId}>
              {app.displayName}
            </Option>
          ))}
        </Dropdown>
      </Field>
      {apps.error && <ErrorState error={apps.error} retry={() => void apps.refetch()} />}
      {explained.error && <ErrorState error={explained.error} retry={() => void explained.refetch()} />}
      {explained.isLoading && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={96} />
        </Skeleton>
      )}
      {data && (
        <>
          <Text weight="semibold" role="status">
            <StatusBadge tone={OUTCOMES[data.outcome][0]}>{OUTCOMES[data.outcome][1]}</StatusBadge>
          </Text>
          <Text>{data.adminMessage}</Text>
          <Text>They read: “{data.message}”</Text>
          <DecisionSteps steps={data.steps} names={names} />
        </>
      )}
    </section>
  );
}
