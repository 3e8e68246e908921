import { Link, makeStyles, tokens, typographyStyles } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi } from '../../../ui/api.ts';
import { count, formatNumber } from '../../../ui/number.ts';
import { ErrorState } from '../../../ui/states.tsx';
import { type App, type Product } from '../policy-data.ts';
import { bodyOf, type Audience, type Draft } from './draft.ts';

interface Properties {
  readonly draft: Draft;
  readonly app: App | undefined;
  readonly products: ReadonlyMap<string, Product> | undefined;
  readonly onEdit: (step: string) => void;
}

/** What the policy would come to today. */
interface Effect {
  readonly audienceCount: number;
  readonly unlicensedCount: number;
  readonly availableLicenses: number;
}

const useStyles = makeStyles({
  parts: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  title: { ...typographyStyles.body1Strong, margin: 0 },
  list: { margin: 0, paddingInlineStart: tokens.spacingHorizontalXL },
  text: { margin: 0, overflowWrap: 'anywhere' },
  effect: {
    padding: tokens.spacingHorizontalL,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

/** Each part with its Edit link, and the effect in numbers. */
export function Review({ draft, app, products, onEdit }: Properties) {
  const styles = useStyles();
  return (
    <div className={styles.parts}>
      <Part title="Policy name" onEdit={() => onEdit('name')}>
        <p className={styles.text}>{draft.displayName.trim()}</p>
      </Part>
      <Part title="App" onEdit={() => onEdit('product')}>
        <p className={styles.text}>{app?.displayName}</p>
      </Part>
      <Part title="Products" onEdit={() => onEdit('product')}>
        <ol className={styles.list}>
          {draft.products.map(({ skuId }) => (
            <li key={skuId}>{products?.get(skuId)?.displayName ?? '…'}</li>
          ))}
        </ol>
      </Part>
      <Part title="Apps and services" onEdit={() => onEdit('apps')}>
        <ul className={styles.list}>
          {draft.products.map(({ skuId, disabledPlans }) => (
            <li key={skuId}>{plansText(products?.get(skuId), disabledPlans)}</li>
          ))}
        </ul>
      </Part>
      <Part title="Audience" onEdit={() => onEdit('audience')}>
        <p className={styles.text}>{audienceText(draft.audience)}</p>
      </Part>
      <EffectInNumbers draft={draft} />
    </div>
  );
}

function Part({ title, onEdit, children }: { title: string; onEdit: () => void; children: ReactNode }) {
  const styles = useStyles();
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      {children}
      <Link as="button" type="button" onClick={onEdit} aria-label={`Edit ${title}`}>
        Edit
      </Link>
    </section>
  );
}

function EffectInNumbers({ draft }: { draft: Draft }) {
  const styles = useStyles();
  const api = useApi();
  const { displayName: _, ...body } = bodyOf(draft);
  const { data, error } = useQuery({
    queryKey: ['policies', 'preview', body],
    queryFn: () => api.send<Effect>('POST', '/v1.0/policies/autoClaimPolicies/preview', { body }),
  });
  if (error) return <ErrorState error={error} />;
  return (
    <section className={styles.effect} aria-live="polite">
      <h3 className={styles.title}>The effect today</h3>
      <p className={styles.text}>
        {data
          ? `Of the ${count(data.audienceCount, 'user')} in the audience, ${formatNumber(data.unlicensedCount)} ${data.unlicensedCount === 1 ? 'has' : 'have'} no license for this app. ${count(data.availableLicenses, 'license')} ${data.availableLicenses === 1 ? 'is' : 'are'} available.`
          : 'Counting …'}
      </p>
    </section>
  );
}

function plansText(product: Product | undefined, disabledPlans: ReadonlySet<string>): string {
  if (!product) return '…';
  const on = product.servicePlans.filter(({ servicePlanId }) => !disabledPlans.has(servicePlanId)).length;
  return on === product.servicePlans.length
    ? `${product.displayName}: all`
    : `${product.displayName}: ${on} of ${product.servicePlans.length}`;
}

function audienceText({ isEveryone, includeGroups, excludeGroups, includeGuests }: Audience): string {
  const names = (groups: Audience['includeGroups']) => groups.map(({ name }) => name).join(', ');
  return [
    isEveryone ? 'Everyone' : `Members of ${names(includeGroups)}`,
    ...(excludeGroups.length > 0 ? [`except members of ${names(excludeGroups)}`] : []),
    includeGuests ? 'guests included' : 'without guests',
  ].join(', ');
}
