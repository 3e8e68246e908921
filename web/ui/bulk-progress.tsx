import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  ProgressBar,
  Text,
  tokens,
} from '@fluentui/react-components';
import type { useBulk } from './bulk-work.ts';
import { saveFile } from './download.ts';
import { csvOf } from './list/csv.ts';
import { formatNumber } from './number.ts';

const FAILURES_SHOWN = 20;

const useStyles = makeStyles({
  box: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, marginBlock: tokens.spacingVerticalM },
  line: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  failures: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
});

/** How far the work is, and what failed for whom. Nothing where nothing was begun or all went well. */
export function BulkProgress({ bulk }: { bulk: ReturnType<typeof useBulk> }) {
  const styles = useStyles();
  const { title, isRunning, total, done, failures, isStopped } = bulk;
  if (!isRunning && failures.length === 0 && !isStopped) return null;
  const save = () => {
    const rows = failures.map(({ id, name, message }) => [id, name, message]);
    saveFile(csvOf(['id', 'name', 'reason'], rows), `${title}.csv`);
  };
  return (
    <div className={styles.box}>
      {isRunning && (
        <>
          <ProgressBar value={total === 0 ? 0 : done / total} aria-label="Progress" />
          <div className={styles.line}>
            <Text role="status">
              {formatNumber(done)} of {formatNumber(total)}
            </Text>
            <Button size="small" onClick={() => bulk.stop()}>
              Stop
            </Button>
          </div>
        </>
      )}
      {!isRunning && isStopped && (
        <Text role="status">
          Stopped after {formatNumber(done)} of {formatNumber(total)}. What was done stays done.
        </Text>
      )}
      {!isRunning && failures.length > 0 && (
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>
            <MessageBarTitle>
              {formatNumber(failures.length)} of {formatNumber(total)} didn’t work.
            </MessageBarTitle>
            <ul className={styles.failures}>
              {failures.slice(0, FAILURES_SHOWN).map(({ id, name, message }) => (
                <li key={id}>
                  {name}: {message}
                </li>
              ))}
              {failures.length > FAILURES_SHOWN && <li>and {formatNumber(failures.length - FAILURES_SHOWN)} more</li>}
            </ul>
          </MessageBarBody>
          <MessageBarActions>
            <Button size="small" onClick={save}>
              Export what didn’t work
            </Button>
            <Button size="small" onClick={() => bulk.clear()}>
              Close
            </Button>
          </MessageBarActions>
        </MessageBar>
      )}
    </div>
  );
}
