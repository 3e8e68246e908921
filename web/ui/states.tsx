import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Text,
  Title3,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { ApiFailure } from './api.ts';
import { formatNumber } from './number.ts';

/** More findings than anybody reads; the API tells no more of a file than a few hundred. */
const DETAILS_MAX = 100;

const useStyles = makeStyles({
  centre: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: tokens.spacingVerticalM,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
    textAlign: 'center',
    maxWidth: '560px',
    marginInline: 'auto',
  },
});

/** Nothing is there, and what to do about it. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.centre}>
      <Title3 as="h2">{title}</Title3>
      {children && <Text>{children}</Text>}
      {action}
    </div>
  );
}

/** What happened, why, and what to do; with the number that finds it in the server's log. */
export function ErrorState({ error, retry }: { error: Error; retry?: () => void }) {
  const { requestId, details = [] } = error instanceof ApiFailure ? error : {};
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{titleOf(error)}</MessageBarTitle>
        {error.message}
        {requestId && <> (Request {requestId})</>}
        {details.length > 0 && (
          <ul>
            {details.slice(0, DETAILS_MAX).map(({ line, target, message }, at) => (
              <li key={at}>
                {line !== undefined && `Line ${line}: `}
                {target !== undefined && `${target}: `}
                {message}
              </li>
            ))}
            {details.length > DETAILS_MAX && <li>And {formatNumber(details.length - DETAILS_MAX)} more.</li>}
          </ul>
        )}
      </MessageBarBody>
      {retry && (
        <Button size="small" onClick={retry}>
          Try again
        </Button>
      )}
    </MessageBar>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof ApiFailure)) return 'The server can’t be reached.';
  if (error.status === 403) return 'You may not do this.';
  if (error.status === 404) return 'This isn’t there (any more).';
  if (error.status === 412) return 'Somebody else has changed this.';
  return error.status >= 500 ? 'The server can’t answer now.' : 'This didn’t work.';
}
