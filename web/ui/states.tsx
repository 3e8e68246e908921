import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Text,
  makeStyles,
  tokens,
  typographyStyles,
} from '@fluentui/react-components';
import { useEffect, useRef, type ReactNode } from 'react';
import { ApiFailure, ServerUnreachable } from './api.ts';
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
  title: { ...typographyStyles.title3, margin: 0, outline: 'none' },
});

interface EmptyStateProperties {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  /** Takes the focus when it is shown: it stands where what was used has been. */
  readonly takesFocus?: boolean;
}

/** Nothing is there, and what to do about it. */
export function EmptyState({ title, children, action, takesFocus = false }: EmptyStateProperties) {
  const styles = useStyles();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  return (
    <div className={styles.centre}>
      <h2 ref={heading} tabIndex={takesFocus ? -1 : undefined} className={styles.title}>
        {title}
      </h2>
      {children && <Text>{children}</Text>}
      {action}
    </div>
  );
}

/** What happened, why, and what to do; with the number that finds it in the server's log. */
export function ErrorState({ error, retry }: { error: Error; retry?: () => void }) {
  if (isOfRole(error)) return <RoleRefusal isRead={retry !== undefined} />;
  const { requestId, details = [] } = error instanceof ApiFailure ? error : {};
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{titleOf(error)}</MessageBarTitle>
        {!(error instanceof ServerUnreachable) && error.message}
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

/** Whether no role of the person reaches: what the API says then are its permissions' names, for programs. */
function isOfRole(error: Error): boolean {
  return error instanceof ApiFailure && error.status === 403 && error.message.includes('None of your roles');
}

/** To try again wouldn't help; what is read can be tried again, what is written can't. */
function RoleRefusal({ isRead }: { isRead: boolean }) {
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>Your role doesn’t let you {isRead ? 'see' : 'do'} this.</MessageBarTitle>
      </MessageBarBody>
    </MessageBar>
  );
}

function titleOf(error: Error): string {
  if (error instanceof ServerUnreachable) return error.message;
  if (!(error instanceof ApiFailure)) return 'Something went wrong.';
  if (error.status === 401) return 'Your session has ended.';
  if (error.status === 403) return 'You may not do this.';
  if (error.status === 404) return 'This isn’t there (any more).';
  if (error.status === 412) return 'Somebody else has changed this.';
  return error.status >= 500 ? 'The server can’t answer now.' : 'This didn’t work.';
}
