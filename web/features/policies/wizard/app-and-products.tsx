import { Button, Dropdown, Field, Link, makeStyles, Option, tokens } from '@fluentui/react-components';
import { DeleteRegular } from '@fluentui/react-icons';
import { count } from '../../../ui/number.ts';
import { ErrorState } from '../../../ui/states.tsx';
import { useApps, useFittingProducts, type App, type OfferedProduct } from '../policy-data.ts';
import { PRODUCTS_MAX, type Draft, type DraftProduct } from './draft.ts';

const useStyles = makeStyles({
  fields: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, maxWidth: '560px' },
  row: { display: 'flex', alignItems: 'flex-end', gap: tokens.spacingHorizontalS },
  field: { flexGrow: 1, minWidth: 0 },
});

interface Properties {
  readonly draft: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
  /** Next was chosen while something was missing. */
  readonly isRefused: boolean;
}

/** The app, then the product: only those that contain a service plan which the app requires. */
export function AppAndProducts({ draft, onChange, isRefused }: Properties) {
  const styles = useStyles();
  const apps = useApps();
  const app = apps.data?.find(({ appId }) => appId === draft.appId);
  return (
    <div className={styles.fields}>
      {apps.error && <ErrorState error={apps.error} retry={() => void apps.refetch()} />}
      <Field
        label="App"
        required
        validationMessage={isRefused && !draft.appId ? 'Choose the app that people sign in to.' : undefined}
      >
        <Dropdown
          placeholder="Choose an app"
          value={app?.displayName ?? ''}
          selectedOptions={draft.appId ? [draft.appId] : []}
          onOptionSelect={(_, { optionValue }) => onChange({ appId: optionValue, products: [] })}
        >
          {apps.data?.map(({ appId, displayName }) => (
            <Option key={appId} value={appId}>
              {displayName}
            </Option>
          ))}
        </Dropdown>
      </Field>
      {app && <Products app={app} draft={draft} onChange={onChange} isRefused={isRefused} />}
    </div>
  );
}

function Products({ app, draft, onChange, isRefused }: Properties & { app: App }) {
  const styles = useStyles();
  const { products: offered = [], error } = useFittingProducts(app);
  const chosen: readonly (DraftProduct | undefined)[] = draft.products.length > 0 ? draft.products : [undefined];
  const left = offered.filter(({ skuId }) => !draft.products.some((product) => product.skuId === skuId));
  const set = (index: number, skuId: string) =>
    onChange({
      products: chosen.map((product, at) => (at === index ? { skuId, disabledPlans: new Set<string>() } : product!)),
    });
  return (
    <>
      {error && <ErrorState error={error} />}
      {chosen.map((product, index) => (
        <div key={product?.skuId ?? 'none'} className={styles.row}>
          <Field
            className={styles.field}
            label={index === 0 ? 'Product' : `Backup product ${index}`}
            required={index === 0}
            validationMessage={isRefused && !product ? 'Choose the product that people get.' : undefined}
          >
            <Dropdown
              placeholder="Choose a product"
              value={product ? nameOf(offered.find(({ skuId }) => skuId === product.skuId)) : ''}
              selectedOptions={product ? [product.skuId] : []}
              onOptionSelect={(_, { optionValue }) => set(index, optionValue!)}
            >
              {offered
                .filter(({ skuId }) => skuId === product?.skuId || left.some((one) => one.skuId === skuId))
                .map((one) => (
                  <Option key={one.skuId} value={one.skuId}>
                    {nameOf(one)}
                  </Option>
                ))}
            </Dropdown>
          </Field>
          {index > 0 && (
            <Button
              icon={<DeleteRegular />}
              appearance="subtle"
              aria-label={`Remove backup product ${index}`}
              onClick={() => onChange({ products: draft.products.filter((_, at) => at !== index) })}
            />
          )}
        </div>
      ))}
      {draft.products.length > 0 && left.length > 0 && draft.products.length < PRODUCTS_MAX && (
        <Link
          as="button"
          type="button"
          onClick={() =>
            onChange({ products: [...draft.products, { skuId: left[0]!.skuId, disabledPlans: new Set<string>() }] })
          }
        >
          Add a backup product to this policy
        </Link>
      )}
    </>
  );
}

function nameOf(product: OfferedProduct | undefined): string {
  return product ? `${product.displayName} (${count(product.available, 'available license')})` : '';
}
