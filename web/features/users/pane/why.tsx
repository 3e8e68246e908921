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
import { ErrorState } from '../../../ui/states.tsx';
import { StatusBadge, type Tone } from '../../../ui/status-badge.tsx';
import { useProductNames } from '../user-data.ts';

interface Explanation {
  readonly outcome: 'licensed' | 'claimed' | 'refused';
  readonly message: string;
  readonly adminMessage: string;
  readonly steps: readonly Step[];
}

/** What people sign in to; without required plans there is nothing to claim. */
interface App {
  readonly appId: string;
  readonly displayName: string;
  readonly requiredServicePlanIds: readonly string[];
}

interface Step {
  readonly check: string;
  /** null: an earlier failure leaves nothing to check. */
  readonly passed: boolean | null;
  readonly detail?: string;
  readonly skuId?: string;
}

/** The checks in the order in which they decide (API.md, "explain"). */
const CHECKS: Readonly<Record<string, string>> = {
  app: 'The app is registered',
  user: 'The user exists',
  account: 'The account is not blocked',
  notLicensed: 'No license for the app yet',
  setting: 'Auto-claim is on',
  policy: 'A policy for the app is on',
  audience: 'The policy applies to them',
  subscription: 'The subscription is usable',
  plan: 'No admin has turned the app off for them',
  usageLocation: 'The usage location is set and allowed',
  conflict: 'No conflict with what they have',
  dependency: 'What it depends on is there',
  seat: 'A license is free',
};
const OUTCOMES: Readonly<Record<Explanation['outcome'], readonly [Tone, string]>> = {
  licensed: ['good', 'Licensed already'],
  claimed: ['good', 'Would claim a license'],
  refused: ['bad', 'Would be refused'],
};

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  grey: { display: 'block', color: tokens.colorNeutralForeground3, paddingLeft: '20px', overflowWrap: 'anywhere' },
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
          <Steps steps={data.steps} />
        </>
      )}
    </section>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  const styles = useStyles();
  const { data: names } = useProductNames(steps.flatMap(({ skuId }) => (skuId ? [skuId] : [])));
  return (
    <ol className={styles.list} aria-label="Checks">
      {steps.map(({ check, passed, detail, skuId }, at) => (
        <li key={at}>
          <StatusBadge tone={toneOf(check, passed)}>
            {CHECKS[check] ?? check}
            {skuId && ` (${names?.get(skuId) ?? '…'})`}
            {passed === null ? ': not checked' : passed ? ': yes' : ': no'}
          </StatusBadge>
          {detail && (
            <Text size={200} className={styles.grey}>
              {detail}
            </Text>
          )}
        </li>
      ))}
    </ol>
  );
}

function toneOf(check: string, passed: boolean | null): Tone {
  // To be licensed already ends the list, too, but nothing is wrong with it.
  if (passed === null || (check === 'notLicensed' && !passed)) return 'neutral';
  return passed ? 'good' : 'bad';
}
