import {
  Link,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
} from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { usePerson } from '../../ui/person.ts';
import { PageTitle } from '../../ui/page-title.tsx';

/** The reports that there are. */
const REPORTS = [
  {
    name: 'Auto-claim policy report',
    description: 'Every license that was claimed under each policy, and what was refused.',
    path: '/reports/auto-claim',
    scope: 'Reports.Read.All',
  },
  {
    name: 'Sign-ins',
    description: 'Every decision on a sign-in, through whichever door, and what refused people wait for.',
    path: '/reports/sign-ins',
    scope: 'AuditLog.Read.All',
  },
] as const;

const useStyles = makeStyles({ cell: { overflowWrap: 'anywhere' }, name: { textAlign: 'left' } });

/** Reports. */
export function ReportsPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const person = usePerson();
  return (
    <>
      <PageTitle title="Reports" />
      <Table aria-label="Reports">
        <TableHeader>
          <TableRow>
            <TableHeaderCell>Report</TableHeaderCell>
            <TableHeaderCell>Description</TableHeaderCell>
          </TableRow>
        </TableHeader>
        <TableBody>
          {REPORTS.filter(({ scope }) => person.may(scope)).map(({ name, description, path }) => (
            <TableRow key={path}>
              <TableCell>
                <Link
                  className={styles.name}
                  href={path}
                  onClick={(event) => {
                    // A click with a key held opens another tab or window, as for any link.
                    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                    event.preventDefault();
                    void navigate({ to: path });
                  }}
                >
                  {name}
                </Link>
              </TableCell>
              <TableCell className={styles.cell}>{description}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </>
  );
}
