import { Button, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiFailure, useApi } from '../../../ui/api.ts';
import { PageTitle } from '../../../ui/page-title.tsx';
import { useSearchParameter } from '../../../ui/search-parameter.ts';
import { EmptyState, ErrorState } from '../../../ui/states.tsx';
import { Wizard } from '../../../ui/wizard.tsx';
import { AudienceFields } from '../audience-fields.tsx';
import { PlansCheckList } from '../plans-check-list.tsx';
import { useApps, useProducts } from '../policy-data.ts';
import { AppAndProducts } from './app-and-products.tsx';
import { bodyOf, EMPTY, isAudienceChosen, type Draft } from './draft.ts';
import { Review } from './review.tsx';

const useStyles = makeStyles({
  lists: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  name: { maxWidth: '560px' },
});

/** Add a policy (PRODUCT.md, flow 3). */
export function WizardPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const [step, setStep] = useSearchParameter('step');
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [refused, setRefused] = useState<string>();
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const create = useCreate(draft);
  const { data: apps } = useApps();
  const app = apps?.find(({ appId }) => appId === draft.appId);
  const { data: products } = useProducts(draft.products.map(({ skuId }) => skuId));
  const leave = () => void navigate({ to: '/licenses/auto-claim', ignoreBlocker: create.isSuccess });
  const nameFailure = create.error instanceof ApiFailure && create.error.message.includes('displayName');

  return (
    <>
      <PageTitle title="Add an auto-claim policy" />
      <Wizard
        label="Add an auto-claim policy"
        current={step}
        onGo={(id) => {
          setRefused(undefined);
          setStep(id);
        }}
        onRefused={setRefused}
        isDirty={draft !== EMPTY && !create.isSuccess}
        isBusy={create.isPending}
        finishLabel="Create policy"
        onFinish={() => create.mutate()}
        onCancel={leave}
        done={
          create.isSuccess && (
            <EmptyState
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
            id: 'name',
            label: 'Name',
            title: 'Name this auto-claim policy',
            isValid: draft.displayName.trim() !== '',
            content: (
              <Field
                className={styles.name}
                label="Policy name"
                required
                validationMessage={
                  refused === 'name'
                    ? 'A policy needs a name.'
                    : nameFailure
                      ? 'This name is taken. Choose another.'
                      : undefined
                }
              >
                <Input
                  maxLength={256}
                  value={draft.displayName}
                  onChange={(_, { value }) => {
                    create.reset();
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
                {create.error && <ErrorState error={create.error} />}
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
