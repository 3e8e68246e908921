import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  ProgressBar,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useEffect, useRef, useState } from 'react';
import { formatNumber } from './number.ts';

/** One thing of many that work is done for. */
export interface BulkItem {
  readonly id: string;
  /** Shown where its work fails. */
  readonly name: string;
}

interface Failure {
  readonly name: string;
  readonly message: string;
}

export interface BulkState {
  readonly isRunning: boolean;
  readonly total: number;
  readonly done: number;
  readonly failures: readonly Failure[];
  readonly isStopped: boolean;
}

/** As many requests as the server sees of one person at a time. */
const AT_ONCE = 4;
const FAILURES_SHOWN = 20;
const IDLE: BulkState = { isRunning: false, total: 0, done: 0, failures: [], isStopped: false };

/**
 * Does the same for many, a few at a time: `await bulk.run(items, (item) => api.send(…))`, and
 * `<BulkProgress bulk={bulk} />` shows how far it is, stops it, and says what failed for whom.
 */
export function useBulk() {
  const [state, setState] = useState(IDLE);
  const control = useRef({ isStopped: false });
  useEffect(() => {
    const { current } = control;
    return () => {
      current.isStopped = true;
    };
  }, []);

  /** @returns how many it was done for */
  const run = async <T extends BulkItem>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> => {
    const own: { isStopped: boolean } = { isStopped: false };
    control.current = own;
    setState({ ...IDLE, isRunning: true, total: items.length });
    const waiting = [...items];
    const isStopped = () => own.isStopped;
    let succeeded = 0;
    const worker = async () => {
      while (!isStopped()) {
        const item = waiting.shift();
        if (!item) return;
        let failure: Failure | undefined;
        try {
          await work(item);
          succeeded += 1;
        } catch (error) {
          failure = { name: item.name, message: error instanceof Error ? error.message : String(error) };
        }
        setState((now) => ({
          ...now,
          done: now.done + 1,
          failures: failure ? [...now.failures, failure] : now.failures,
        }));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    setState((now) => ({ ...now, isRunning: false, isStopped: own.isStopped }));
    return succeeded;
  };
  return {
    ...state,
    run,
    stop: () => {
      control.current.isStopped = true;
    },
    clear: () => setState(IDLE),
  };
}

const useStyles = makeStyles({
  box: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, marginBlock: tokens.spacingVerticalM },
  line: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  failures: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
});

/** How far the work is, and what failed for whom. Nothing where nothing was begun or all went well. */
export function BulkProgress({ bulk }: { bulk: ReturnType<typeof useBulk> }) {
  const styles = useStyles();
  const { isRunning, total, done, failures, isStopped } = bulk;
  if (!isRunning && failures.length === 0 && !isStopped) return null;
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
              {failures.slice(0, FAILURES_SHOWN).map(({ name, message }) => (
                <li key={name}>
                  {name}: {message}
                </li>
              ))}
              {failures.length > FAILURES_SHOWN && <li>and {formatNumber(failures.length - FAILURES_SHOWN)} more</li>}
            </ul>
          </MessageBarBody>
          <Button size="small" onClick={() => bulk.clear()}>
            Close
          </Button>
        </MessageBar>
      )}
    </div>
  );
}
