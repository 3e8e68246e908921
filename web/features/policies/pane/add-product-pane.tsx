import { Button, Dropdown, Field, Option } from '@fluentui/react-components';
import { useState } from 'react';
import { count } from '../../../ui/number.ts';
import { Pane } from '../../../ui/pane.tsx';
import type { OfferedProduct } from '../policy-data.ts';

interface Properties {
  readonly offered: readonly OfferedProduct[];
  readonly onAdd: (skuId: string) => void;
  readonly onClose: () => void;
}

/** The pane Add a product; what it adds is written by the details pane's own Save. */
export function AddProductPane({ offered, onAdd, onClose }: Properties) {
  const [skuId, setSkuId] = useState<string>();
  const label = (product: OfferedProduct) =>
    `${product.displayName} (${count(product.available, 'available license')})`;
  const chosen = offered.find((product) => product.skuId === skuId);
  return (
    <Pane
      open
      size="small"
      title="Add a product"
      onClose={onClose}
      footer={
        <Button
          appearance="primary"
          disabledFocusable={!chosen}
          onClick={() => {
            if (!chosen) return;
            onAdd(chosen.skuId);
            onClose();
          }}
        >
          Add
        </Button>
      }
    >
      <Field label="Product" hint="Only products with an app or service that the policy’s app requires are offered.">
        <Dropdown
          placeholder="Choose a product"
          value={chosen ? label(chosen) : ''}
          selectedOptions={skuId ? [skuId] : []}
          onOptionSelect={(_, { optionValue }) => setSkuId(optionValue)}
        >
          {offered.map((product) => (
            <Option key={product.skuId} value={product.skuId}>
              {label(product)}
            </Option>
          ))}
        </Dropdown>
      </Field>
    </Pane>
  );
}
