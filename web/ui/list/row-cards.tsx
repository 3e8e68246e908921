import { Checkbox, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { toggled, type RowsProperties } from './columns.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  card: {
    display: 'flex',
    alignItems: 'flex-start',
    gap: tokens.spacingHorizontalS,
    paddingBlock: tokens.spacingVerticalM,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: 'anywhere',
  },
  body: { minWidth: 0, flexGrow: 1 },
  first: {
    textAlign: 'left',
    overflowWrap: 'anywhere',
    fontWeight: tokens.fontWeightSemibold,
    lineHeight: tokens.lineHeightBase300,
  },
  facts: {
    display: 'grid',
    gridTemplateColumns: 'minmax(88px, auto) 1fr',
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXXS,
    margin: 0,
    marginTop: tokens.spacingVerticalXS,
  },
  name: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, minWidth: 0 },
});

/** Rows as cards, one below the other, for narrow windows: the first column is the card's heading. */
export function RowCards<T>({ label, columns, rows, rowKey, rowName, onOpen, selection }: RowsProperties<T>) {
  const styles = useStyles();
  const [first, ...others] = columns;
  return (
    <ul aria-label={label} className={styles.list}>
      {rows.map((row) => {
        const key = rowKey(row);
        return (
          <li key={key} className={styles.card}>
            {selection && (
              <Checkbox
                aria-label={`Select ${rowName?.(row) ?? 'row'}`}
                checked={selection.selected.has(key)}
                onChange={() => selection.onChange(toggled(selection, key, row))}
              />
            )}
            <div className={styles.body}>
              {onOpen ? (
                <Link as="button" className={styles.first} onClick={() => onOpen(row)}>
                  {first?.cell(row)}
                </Link>
              ) : (
                <Text className={styles.first}>{first?.cell(row)}</Text>
              )}
              {others.length > 0 && (
                <dl className={styles.facts}>
                  {others.map(({ id, label: text, cell }) => (
                    <Fact key={id} name={text}>
                      {cell(row)}
                    </Fact>
                  ))}
                </dl>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>{children}</dd>
    </>
  );
}
