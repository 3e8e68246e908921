import {
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components';
import { formatNumber } from '../../ui/number.ts';
import type { UsedDay } from './pool-use.ts';

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const COLUMNS = ['Assigned', 'Licenses', 'Available'] as const;

const useStyles = makeStyles({
  box: { maxHeight: '240px', overflowY: 'auto' },
  header: { '& > *': { justifyContent: 'flex-end' } },
  number: { textAlign: 'right' },
  head: { position: 'sticky', top: 0, zIndex: 1, backgroundColor: tokens.colorNeutralBackground1 },
});

/** A pool's use over time in numbers, the newest day first: what the chart draws. */
export function PoolUseTable({ days, label }: { days: readonly UsedDay[]; label: string }) {
  const styles = useStyles();
  return (
    // What scrolls can be reached by the keyboard.
    <div className={styles.box} role="group" aria-label={label} tabIndex={0}>
      <Table size="extra-small" aria-label={label}>
        <TableHeader className={styles.head}>
          <TableRow>
            <TableHeaderCell scope="col">Day</TableHeaderCell>
            {COLUMNS.map((name) => (
              <TableHeaderCell key={name} scope="col" className={styles.header}>
                {name}
              </TableHeaderCell>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {days.toReversed().map(({ date, consumedUnits, units, availableUnits }) => (
            <TableRow key={date}>
              <TableCell>{DATE.format(Date.parse(date))}</TableCell>
              <TableCell className={styles.number}>{formatNumber(consumedUnits)}</TableCell>
              <TableCell className={styles.number}>{formatNumber(units)}</TableCell>
              <TableCell className={styles.number}>{formatNumber(availableUnits)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}
