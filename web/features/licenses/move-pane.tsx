import { Button, Field, makeStyles, Radio, RadioGroup, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { query, searchText } from '../../ui/api.ts';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { Picker, type Choice } from '../../ui/picker.tsx';
import { isAnyPlanOn, PlanChoice, useProductPlans } from '../../ui/plan-choice.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { useChangePreview, missingSeats, useEveryHolder, type Change, type Named } from './license-changes.ts';
import type { Holder, Pool } from './license-data.ts';
import { MovePreview } from './move-preview.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

/** Who is moved, and to which product. */
export interface Move {
  readonly people: readonly Named[];
  readonly change: Change;
  /** The product's name. */
  readonly target: string;
}

interface Properties {
  readonly skuId: string;
  readonly name: string;
  readonly selected: readonly Holder[];
  readonly onMove: (move: Move) => void;
  readonly onClose: () => void;
}

/** Moves people to another product: each has one or the other at every moment. What it comes to is shown before. */
export function MovePane({ skuId, name, selected, onMove, onClose }: Properties) {
  const styles = useStyles();
  const [who, setWho] = useState<'selected' | 'everyone'>(selected.length > 0 ? 'selected' : 'everyone');
  const [targets, setTargets] = useState<readonly Choice[]>([]);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [target] = targets;
  const isOther = target !== undefined && target.id !== skuId;
  const everyone = useEveryHolder(skuId, who === 'everyone');
  const people =
    who === 'selected' ? selected.map(({ id, displayName }) => ({ id, name: displayName })) : (everyone.data ?? []);
  const product = useProductPlans(isOther ? target.id : undefined);
  const change =
    isOther && isAnyPlanOn(product.data, off)
      ? { addLicenses: [{ skuId: target.id, disabledPlans: [...off] }], removeLicenses: [skuId] }
      : undefined;
  const preview = useChangePreview(people, change);
  const movable = change && preview.data ? preview.data.changed - missingSeats(preview.data) : 0;
  const failed = [everyone, preview].find((one) => one.error);
  return (
    <Pane
      open
      title="Move to another product"
      isDirty={targets.length > 0}
      onClose={onClose}
      footer={
        <Button
          appearance="primary"
          disabledFocusable={movable === 0}
          onClick={() => change && movable > 0 && onMove({ people, change, target: target!.name })}
        >
          {movable === 0 ? 'Move' : `Move ${count(movable, 'person', 'people')}`}
        </Button>
      }
    >
      <div className={styles.form}>
        <Text>
          Nobody is without either in between: each person gets the new license and gives back {name} in one step, or
          keeps {name} where that can’t be.
        </Text>
        <Field label="Who">
          <RadioGroup value={who} onChange={(_, { value }) => setWho(value as typeof who)}>
            <Radio
              value="selected"
              disabled={selected.length === 0}
              label={selected.length === 0 ? 'Selected users: none' : count(selected.length, 'selected user')}
            />
            <Radio value="everyone" label={`Everyone who holds ${name}`} />
          </RadioGroup>
        </Field>
        <Picker<Pool>
          label="To the product"
          isSingle
          queryKey={['pools']}
          pathOf={(search) =>
            `/v1.0/subscribedSkus${query({ $search: searchText(search), $filter: "appliesTo eq 'User'", $orderby: 'displayName', $top: 20 })}&$select=skuId,displayName,availableUnits`
          }
          choiceOf={(pool) => ({
            id: pool.skuId,
            name: pool.displayName,
            detail: `${formatNumber(pool.availableUnits)} available`,
          })}
          validationMessage={target && !isOther ? 'This is the one that they have. Choose another.' : undefined}
          chosen={targets}
          onChange={(chosen) => {
            setTargets(chosen);
            setOff(new Set());
          }}
        />
        <PlanChoice product={product} off={off} onChange={setOff} />
        {failed && <ErrorState error={failed.error!} retry={() => void failed.refetch()} />}
        {change && !failed && (
          <MovePreview
            preview={preview.isFetching ? undefined : preview.data}
            people={people}
            from={name}
            to={{ skuId: target!.id, name: target!.name }}
          />
        )}
      </div>
    </Pane>
  );
}
