import {
  Button,
  Checkbox,
  Link,
  makeStyles,
  Skeleton,
  SkeletonItem,
  Spinner,
  tokens,
  typographyStyles,
} from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ApiFailure } from '../../../ui/api.ts';
import { formFailureOf } from '../../../ui/form-failure.ts';
import { useNotify } from '../../../ui/notifications.tsx';
import { Pane } from '../../../ui/pane.tsx';
import { usePerson } from '../../../ui/person.ts';
import { EmptyState, ErrorState } from '../../../ui/states.tsx';
import { AudienceFields } from '../audience-fields.tsx';
import { useApps, useFittingProducts, type Policy } from '../policy-data.ts';
import { isAudienceChosen } from '../wizard/draft.ts';
import { ClaimsOfPolicy } from './claims-of-policy.tsx';
import { DeletePolicy } from './delete-policy.tsx';
import { useGroupNames } from './group-names.ts';
import { NameField } from './name-field.tsx';
import { usePaneState } from './pane-state.ts';
import { PlansPane } from './plans-pane.tsx';
import { ProductLicenses } from './product-licenses.tsx';
import { TrySignIn } from './try-sign-in.tsx';

const useStyles = makeStyles({
  parts: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  title: { ...typographyStyles.subtitle2, margin: 0, marginBottom: tokens.spacingVerticalXS },
});

/** The details of a policy, at the right (PRODUCT.md, flow 4). */
export function PolicyPane({ policy, onClose }: { policy: Policy | undefined; onClose: () => void }) {
  const names = useGroupNames([...(policy?.includeGroups ?? []), ...(policy?.excludeGroups ?? [])]);
  if (!policy) {
    return (
      <Pane open title="Policy" parameter="policy" onClose={onClose}>
        <EmptyState title="There is no such policy">It may have been deleted.</EmptyState>
      </Pane>
    );
  }
  if (!names) {
    return (
      <Pane open title={policy.displayName} parameter="policy" onClose={onClose}>
        <Skeleton aria-label="Loading">
          <SkeletonItem size={96} />
        </Skeleton>
      </Pane>
    );
  }
  return <Details policy={policy} names={names} onClose={onClose} />;
}

interface Properties {
  readonly policy: Policy;
  readonly names: ReadonlyMap<string, string>;
  readonly onClose: () => void;
}

function Details({ policy, names, onClose }: Properties) {
  const styles = useStyles();
  const notify = useNotify();
  const navigate = useNavigate();
  const person = usePerson();
  const mayWrite = person.may('AutoClaimPolicy.ReadWrite.All');
  const state = usePaneState(policy, names);
  const { base, draft, change, write } = state;
  const { data: apps } = useApps();
  const app = apps?.find(({ appId }) => appId === base.appId);
  const { products: fitting } = useFittingProducts(app);
  const [isEditingPlans, setEditingPlans] = useState(false);
  const isValid = draft.displayName.trim() !== '' && isAudienceChosen(draft.audience);
  const failure = write.error ? formFailureOf(write.error, ['displayName']) : undefined;
  const save = async () => {
    await state.save();
    notify.success(`“${draft.displayName.trim()}” is saved`);
    onClose();
  };

  return (
    <Pane
      open
      size="medium"
      title={base.displayName}
      isDirty={state.isDirty && !write.isPending}
      parameter="policy"
      onClose={onClose}
      footer={
        mayWrite && (
          <>
            <Button
              appearance="primary"
              disabledFocusable={!state.isDirty || !isValid || write.isPending}
              onClick={() => void save().catch(() => undefined)}
            >
              {write.isPending ? <Spinner size="tiny" label="Save" /> : 'Save'}
            </Button>
            <DeletePolicy policy={base} onDeleted={onClose} />
          </>
        )
      }
    >
      <div className={styles.parts}>
        {failure?.form && <WriteFailure error={failure.form} reload={() => void state.reload()} />}
        <Checkbox
          label="Turn this policy on or off"
          checked={draft.isEnabled}
          disabled={!mayWrite}
          onChange={(_, { checked }) => change({ isEnabled: checked === true })}
        />
        <NameField
          name={draft.displayName}
          mayWrite={mayWrite}
          failure={failure?.fields['displayName']}
          onChange={(displayName) => {
            if (failure?.fields['displayName']) write.reset();
            change({ displayName });
          }}
        />
        <Part title="App">{app?.displayName ?? '…'}</Part>
        <ProductLicenses state={state} fitting={fitting} mayWrite={mayWrite} />
        <Part title="Apps and services">
          {mayWrite && (
            <Link as="button" aria-label="Edit apps and services" onClick={() => setEditingPlans(true)}>
              Edit
            </Link>
          )}
        </Part>
        <Part title="Audience">
          {mayWrite ? (
            <AudienceFields
              audience={draft.audience}
              onChange={(audience) => change({ audience })}
              isMissing={!isAudienceChosen(draft.audience)}
            />
          ) : (
            <AudienceText {...draft.audience} />
          )}
        </Part>
        <TrySignIn appId={base.appId} policyId={base.id} />
        {person.may('Reports.Read.All') && (
          <Part title="Who has claimed">
            <ClaimsOfPolicy policyId={base.id} />
            <Link
              as="button"
              onClick={() => void navigate({ to: '/reports/auto-claim', search: { policyId: base.id } })}
            >
              View report
            </Link>
          </Part>
        )}
      </div>
      {isEditingPlans && <PlansPane state={state} app={app} onClose={() => setEditingPlans(false)} />}
    </Pane>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  );
}

function AudienceText({
  isEveryone,
  includeGroups,
  excludeGroups,
  includeGuests,
}: ReturnType<typeof usePaneState>['draft']['audience']) {
  return (
    <>
      {isEveryone ? 'Everyone' : `Members of ${includeGroups.map(({ name }) => name).join(', ')}`}
      {excludeGroups.length > 0 && `, except members of ${excludeGroups.map(({ name }) => name).join(', ')}`}
      {includeGuests ? ', guests included' : ', without guests'}
    </>
  );
}

/** What the API said; where somebody else was faster, the way on. */
function WriteFailure({ error, reload }: { error: Error; reload: () => void }) {
  const isStale = error instanceof ApiFailure && error.status === 412;
  return (
    <div>
      <ErrorState error={error} />
      {isStale && (
        <Button size="small" onClick={reload}>
          Show the policy as it is now
        </Button>
      )}
    </div>
  );
}
