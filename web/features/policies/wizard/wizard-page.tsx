import { Button, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { literal, query, useApi, type Page } from '../../../ui/api.ts';
import { formFailureOf } from '../../../ui/form-failure.ts';
import { PageTitle } from '../../../ui/page-title.tsx';
import { usePerson } from '../../../ui/person.ts';
import { useSearchParameter } from '../../../ui/search-parameter.ts';
import { EmptyState, ErrorState } from '../../../ui/states.tsx';
import { Wizard } from '../../../ui/wizard.tsx';
import { AudienceFields } from '../audience-fields.tsx';
import { PlansCheckList } from '../plans-check-list.tsx';
import { useApps, useProducts } from '../policy-data.ts';
import { AppAndProducts } from './app-and-products.tsx';
import { bodyOf, EMPTY, isAudienceChosen, type Draft } from './draft.ts';
import { Review } from './review.tsx';

const FIRST = 'name';
const TAKEN = 'This is taken already. Choose another.';

const useStyles = makeStyles({
  lists: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  name: { maxWidth: '560px' },
});

/** Add a policy (PRODUCT.md, flow 3). */
export function WizardPage() {
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const [step] = useSearchParameter('step');
  const [isHalfWay] = useState(step !== undefined && step !== FIRST);
  if (!mayWrite) {
    return (
      <>
        <PageTitle title="Add an auto-claim policy" />
        <EmptyState title="You can’t add a policy">
          Your role doesn’t let you add auto-claim policies. Ask a Global admin.
        </EmptyState>
      </>
    );
  }
  // Come back to by the history: what was entered there is created, or was given up.
  if (isHalfWay) return <Navigate to="/licenses/auto-claim" replace />;
  return <PolicyWizard />;
}

function PolicyWizard() {
  const styles = useStyles();
  const navigate = useNavigate();
  const [step = FIRST, setStep] = useSearchParameter('step');
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [refused, setRefused] = useState<string>();
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const create = useCreate(draft);
  const isTaken = useIsTaken();
  const { data: apps } = useApps();
  const app = apps?.find(({ appId }) => appId === draft.appId);
  const { data: products } = useProducts(draft.products.map(({ skuId }) => skuId));
  const leave = () =>
    void navigate({ to: '/licenses/auto-claim', replace: create.isSuccess, ignoreBlocker: create.isSuccess });
  const failure = create.error ? formFailureOf(create.error, ['displayName']) : undefined;
  const nameFailure = isTaken.data ? TAKEN : failure?.fields['displayName'];
  const go = async (id: string) => {
    setRefused(undefined);
    // Whether it is really free, Create tells; here it is told early, where the server can be asked.
    if (step === FIRST && (await isTaken.mutateAsync(draft.displayName.trim()).catch(() => false))) return;
    setStep(id);
  };

  return (
    <>
      <PageTitle title="Add an auto-claim policy" />
      <Wizard
        label="Add an auto-claim policy"
        current={step}
        onGo={(id) => void go(id)}
        onRefused={setRefused}
        isDirty={draft !== EMPTY && !create.isSuccess}
        isBusy={create.isPending || isTaken.isPending}
        finishLabel="Create policy"
        onFinish={() =>
          create.mutate(undefined, {
            onError: (error) => {
              if (formFailureOf(error, ['displayName']).fields['displayName']) setStep(FIRST);
            },
          })
        }
        onCancel={leave}
        done={
          create.isSuccess && (
            <EmptyState
              takesFocus
              title={`“${draft.displayName.trim()}” is created`}
              action={
                <Button appearance="primary" onClick={leave}>
                  Close
                </Button>
              }
            >
              From now on, people in its audience get a license the first time that they sign in to {app?.displayName}.
            </EmptyState>
          )
        }
        steps={[
          {
            id: FIRST,
            label: 'Name',
            title: 'Name this auto-claim policy',
            isValid: draft.displayName.trim() !== '',
            content: (
              <Field
                className={styles.name}
                label="Policy name"
                required
                validationMessage={refused === FIRST ? 'A policy needs a name.' : nameFailure}
              >
                <Input
                  maxLength={256}
                  value={draft.displayName}
                  onChange={(_, { value }) => {
                    create.reset();
                    isTaken.reset();
                    setRefused(undefined);
                    change({ displayName: value });
                  }}
                />
              </Field>
            ),
          },
          {
            id: 'product',
            label: 'App and product',
            title: 'Set an auto-claim app and product',
            isValid: draft.products.length > 0,
            content: <AppAndProducts draft={draft} onChange={change} isRefused={refused === 'product'} />,
          },
          {
            id: 'apps',
            label: 'Apps and services',
            title: 'Select apps',
            isValid: true,
            content: (
              <div className={styles.lists}>
                <Text>Choose the apps and services that people get with each product.</Text>
                {draft.products.map(({ skuId, disabledPlans }, index) => {
                  const product = products?.get(skuId);
                  return (
                    product && (
                      <PlansCheckList
                        key={skuId}
                        product={product}
                        app={app}
                        disabledPlans={disabledPlans}
                        onChange={(next) =>
                          change({
                            products: draft.products.map((one, at) =>
                              at === index ? { skuId, disabledPlans: next } : one,
                            ),
                          })
                        }
                      />
                    )
                  );
                })}
              </div>
            ),
          },
          {
            id: 'audience',
            label: 'Audience',
            title: 'Choose who it applies to',
            isValid: isAudienceChosen(draft.audience),
            content: (
              <AudienceFields
                audience={draft.audience}
                onChange={(audience) => change({ audience })}
                isMissing={refused === 'audience'}
              />
            ),
          },
          {
            id: 'review',
            label: 'Review and finish',
            title: 'Review and finish',
            isValid: true,
            content: (
              <>
                <Review draft={draft} app={app} products={products} onEdit={setStep} />
                {failure?.form && <ErrorState error={failure.form} />}
              </>
            ),
          },
        ]}
      />
    </>
  );
}

function useCreate(draft: Draft) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.send('POST', '/v1.0/policies/autoClaimPolicies', { body: bodyOf(draft) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
}

/** Whether there is a policy of a name, compared as the API compares names: whatever the case. */
function useIsTaken() {
  const api = useApi();
  return useMutation({
    mutationFn: async (name: string) => {
      const options = query({ $top: 1, $select: 'id', $filter: `displayName eq ${literal(name)}` });
      return (await api.get<Page<unknown>>(`/v1.0/policies/autoClaimPolicies${options}`)).value.length > 0;
    },
  });
}
