import { Button, makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { stopBulkWork, useRunningBulkWork } from '../../ui/bulk-work.ts';
import { formatNumber } from '../../ui/number.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  work: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
  },
  bar: { flexGrow: 1, minWidth: '80px', width: 'auto' },
});

/** Work for many that goes on, wherever one is. */
export function RunningWork() {
  const styles = useStyles();
  const works = useRunningBulkWork();
  if (works.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Work that goes on">
      {works.map(({ key, title, done, total }) => (
        <li key={key} className={styles.work}>
          <Text>
            {title}: {formatNumber(done)} of {formatNumber(total)}
          </Text>
          <ProgressBar className={styles.bar} value={total === 0 ? 0 : done / total} aria-label={title} />
          <Button size="small" onClick={() => stopBulkWork(key)} aria-label={`Stop: ${title}`}>
            Stop
          </Button>
        </li>
      ))}
    </ul>
  );
}
