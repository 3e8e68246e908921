import { Checkbox, Field, makeStyles, Tag, TagGroup, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { query, searchText } from '../../ui/api.ts';
import { Picker, type Choice } from '../../ui/picker.tsx';
import { planName, usePlanNames, type Plan } from './app-data.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  tags: { flexWrap: 'wrap', rowGap: tokens.spacingVerticalXS, maxWidth: '100%' },
  tag: { maxWidth: '100%' },
  plans: { display: 'flex', flexDirection: 'column', paddingInlineStart: tokens.spacingHorizontalM },
});

interface ProductWithPlans {
  readonly skuId: string;
  readonly displayName: string;
  readonly skuPartNumber: string;
  readonly servicePlans: readonly Plan[];
}

interface Properties {
  readonly chosen: readonly string[];
  readonly problem: string | undefined;
  readonly isReadOnly: boolean;
  readonly onChange: (ids: readonly string[]) => void;
}

/** Which service plans open the app, any one of them: found by the products that they are of. */
export function RequiredPlans({ chosen, problem, isReadOnly, onChange }: Properties) {
  const styles = useStyles();
  const { data: names } = usePlanNames(chosen);
  const [product, setProduct] = useState<Choice & { readonly plans: readonly Plan[] }>();
  const toggle = (id: string, isOn: boolean) => onChange(isOn ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <Field
      label="Licenses that open it"
      hint="A person needs any one of these apps and services. With none, everybody is let in, and nothing is claimed."
      validationMessage={problem}
    >
      {() => (
        <div className={styles.body}>
          {chosen.length === 0 && isReadOnly && <Text>None</Text>}
          {chosen.length > 0 && (
            <TagGroup
              className={styles.tags}
              aria-label="Licenses that open it"
              onDismiss={(_, { value }) => toggle(value, false)}
            >
              {chosen.map((id) => (
                <Tag
                  key={id}
                  value={id}
                  className={styles.tag}
                  dismissible={!isReadOnly}
                  dismissIcon={{ 'aria-label': 'Remove' }}
                >
                  {names?.get(id) ?? id}
                </Tag>
              ))}
            </TagGroup>
          )}
          {!isReadOnly && (
            <Picker<ProductWithPlans>
              label="Add from a product"
              queryKey={['products', 'with plans']}
              pathOf={(search) =>
                `/v1.0/admin/products${query({ $search: searchText(search), $top: 20 })}&$select=skuId,skuPartNumber,displayName,servicePlans`
              }
              choiceOf={({ skuId, displayName, skuPartNumber, servicePlans }) => ({
                id: skuId,
                name: displayName,
                detail: skuPartNumber,
                plans: servicePlans,
              })}
              chosen={product ? [product] : []}
              onChange={([one]) => setProduct(one as typeof product)}
              isSingle
            />
          )}
          {!isReadOnly && product && (
            <div role="group" aria-label={`Apps and services of ${product.name}`} className={styles.plans}>
              {product.plans.map((plan) => (
                <Checkbox
                  key={plan.servicePlanId}
                  label={planName(plan)}
                  checked={chosen.includes(plan.servicePlanId)}
                  onChange={(_, { checked }) => toggle(plan.servicePlanId, checked === true)}
                />
              ))}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}
