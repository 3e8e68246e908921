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
import { formatNumber } from './number.ts';

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });

const useStyles = makeStyles({
  box: { maxHeight: '280px', overflow: 'auto' },
  header: { overflowWrap: 'anywhere', '& > *': { justifyContent: 'flex-end' } },
  number: { textAlign: 'right' },
  head: { position: 'sticky', top: 0, zIndex: 1, backgroundColor: tokens.colorNeutralBackground1 },
});

interface Properties {
  readonly label: string;
  readonly columns: readonly string[];
  /** A number for each column. */
  readonly days: readonly { readonly date: string; readonly numbers: readonly number[] }[];
}

/** What a chart of days draws, in numbers, the newest day first. */
export function DayTable({ label, columns, days }: Properties) {
  const styles = useStyles();
  return (
    // What scrolls can be reached by the keyboard.
    <div className={styles.box} role="group" aria-label={label} tabIndex={0}>
      <Table size="extra-small" aria-label={label}>
        <TableHeader className={styles.head}>
          <TableRow>
            <TableHeaderCell scope="col">Day</TableHeaderCell>
            {columns.map((name, at) => (
              <TableHeaderCell key={at} scope="col" className={styles.header}>
                {name}
              </TableHeaderCell>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {days.toReversed().map(({ date, numbers }) => (
            <TableRow key={date}>
              <TableCell>{DATE.format(Date.parse(date))}</TableCell>
              {numbers.map((number, at) => (
                <TableCell key={at} className={styles.number}>
                  {formatNumber(number)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}
