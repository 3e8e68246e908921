import { Button, Checkbox, Field, makeStyles, SearchBox, Text, tokens } from '@fluentui/react-components';
import { useId, useState } from 'react';
import { formatNumber } from './number.ts';

/** One box. */
export interface CheckItem {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Why it can't be changed; it says so beside the box. */
  readonly locked?: string | undefined;
}

interface Properties {
  /** What the boxes are: "Apps and services of Office 365 E3". */
  readonly label: string;
  readonly items: readonly CheckItem[];
  readonly checked: ReadonlySet<string>;
  readonly onChange: (checked: ReadonlySet<string>) => void;
  readonly isReadOnly?: boolean;
}

/** From this many on there is a box to search them. */
const SEARCH_FROM = 12;

const useStyles = makeStyles({
  group: { border: 'none', margin: 0, padding: 0, minWidth: 0 },
  legend: { padding: 0, fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  tools: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    marginBlock: tokens.spacingVerticalS,
  },
  grey: { color: tokens.colorNeutralForeground3 },
  note: { display: 'block', color: tokens.colorNeutralForeground3, paddingLeft: '32px' },
});

/** Check boxes, such as a product's apps and services. A locked one keeps its state and says why. */
export function CheckList({ label, items, checked, onChange, isReadOnly = false }: Properties) {
  const styles = useStyles();
  const listId = useId();
  const [search, setSearch] = useState('');
  const changeable = isReadOnly ? [] : items.filter(({ locked }) => !locked);
  const setAll = (isOn: boolean) => {
    const next = new Set(checked);
    for (const { id } of changeable)
      if (isOn) next.add(id);
      else next.delete(id);
    onChange(next);
  };
  const set = (id: string, isOn: boolean) => {
    const next = new Set(checked);
    if (isOn) next.add(id);
    else next.delete(id);
    onChange(next);
  };
  const shown = items.filter(({ label: text }) => text.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{label}</legend>
      <div className={styles.tools}>
        <Text size={200} className={styles.grey} role="status">
          {formatNumber(items.filter(({ id }) => checked.has(id)).length)} of {formatNumber(items.length)} on
        </Text>
        {changeable.length > 1 && (
          <>
            <Button size="small" appearance="transparent" onClick={() => setAll(true)}>
              Select all
            </Button>
            <Button size="small" appearance="transparent" onClick={() => setAll(false)}>
              Clear all
            </Button>
          </>
        )}
      </div>
      {items.length >= SEARCH_FROM && (
        <Field>
          <SearchBox
            aria-label={`Search ${label}`}
            placeholder="Search"
            value={search}
            onChange={(_, { value }) => setSearch(value)}
          />
        </Field>
      )}
      {shown.map((item) => {
        const isLocked = isReadOnly || item.locked !== undefined;
        const noteId = `${listId}-${item.id}`;
        const note = [item.locked, item.description].filter(Boolean).join(' ');
        return (
          <div key={item.id}>
            <Checkbox
              label={item.label}
              checked={checked.has(item.id)}
              // Stays in the tab order, so that the reason can be read.
              aria-disabled={isLocked || undefined}
              aria-describedby={note ? noteId : undefined}
              onChange={(_, data) => !isLocked && set(item.id, data.checked === true)}
            />
            {note && (
              <Text id={noteId} size={200} className={styles.note}>
                {note}
              </Text>
            )}
          </div>
        );
      })}
      {shown.length === 0 && <Text className={styles.grey}>None matches “{search}”.</Text>}
    </fieldset>
  );
}
