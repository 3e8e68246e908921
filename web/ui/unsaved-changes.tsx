import { useBlocker } from '@tanstack/react-router';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface Properties {
  /** Whether there is something to lose. */
  readonly when: boolean;
  /** The search parameter that holds these changes open (a pane's); without one, leaving the page loses them. */
  readonly parameter?: string;
  readonly title?: string;
}

/**
 * Asks before a link, the back button or closing the window loses what hasn't been saved. After
 * saving, go on with `ignoreBlocker: true` (usePane's close does).
 */
export function UnsavedChanges({ when, parameter, title }: Properties) {
  const blocker = useBlocker({
    disabled: !when,
    enableBeforeUnload: when,
    withResolver: true,
    shouldBlockFn: ({ current, next }) =>
      current.pathname !== next.pathname ||
      (parameter !== undefined && valueOf(current, parameter) !== valueOf(next, parameter)),
  });
  return (
    <LeaveDialog
      open={blocker.status === 'blocked'}
      title={title}
      onStay={() => blocker.reset?.()}
      onLeave={() => blocker.proceed?.()}
    />
  );
}

/** The question itself, for what closes without going anywhere. */
export function LeaveDialog({
  open,
  title = 'Discard unsaved changes?',
  onStay,
  onLeave,
}: {
  open: boolean;
  title?: string;
  onStay: () => void;
  onLeave: () => void;
}) {
  return (
    <ConfirmDialog
      open={open}
      title={title}
      confirmLabel="Discard"
      cancelLabel="Keep editing"
      onConfirm={onLeave}
      onClose={onStay}
    >
      What you have changed here is not saved yet.
    </ConfirmDialog>
  );
}

function valueOf({ search }: { search: unknown }, parameter: string): string {
  return (search as Record<string, string | undefined>)[parameter] ?? '';
}
