import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import { useEffect, useState, type ReactNode } from 'react';
import { useReturnFocus } from './return-focus.ts';
import { ErrorState } from './states.tsx';

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, overflowWrap: 'anywhere' },
});

interface Properties {
  readonly open: boolean;
  /** A question: "Delete 3 users?" */
  readonly title: string;
  /** The effect, in numbers: "3 users are deleted and 5 licenses become free." */
  readonly children: ReactNode;
  /** What the button does: "Delete", never "OK". */
  readonly confirmLabel: string;
  readonly cancelLabel?: string;
  /** Where it can't be undone: the person types this name first. */
  readonly typeName?: string;
  /** May take its time: the dialog shows it, and what went wrong. It closes by your onClose. */
  readonly onConfirm: () => unknown;
  readonly onClose: () => void;
}

/** Asks before something is done. Escape and the other button do nothing. */
export function ConfirmDialog({ open, onClose, ...rest }: Properties) {
  useReturnFocus(open);
  return (
    <Dialog modalType="alert" open={open} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>{open && <Question {...rest} onClose={onClose} />}</DialogSurface>
    </Dialog>
  );
}

function Question(properties: Omit<Properties, 'open'>) {
  const { title, children, confirmLabel, cancelLabel = 'Cancel', typeName, onConfirm, onClose } = properties;
  const styles = useStyles();
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const isMounted = useIsMounted();
  const isTyped = typeName === undefined || typed.trim() === typeName.trim();
  const confirm = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm();
    } catch (error) {
      if (isMounted()) setFailure(error instanceof Error ? error : new Error(String(error)));
    }
    if (isMounted()) setBusy(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (isTyped && !isBusy) void confirm();
      }}
    >
      <DialogBody>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent className={styles.content}>
          <div>{children}</div>
          {typeName !== undefined && (
            <Field label={`To confirm, type “${typeName}”.`}>
              <Input value={typed} onChange={(_, { value }) => setTyped(value)} autoComplete="off" autoFocus />
            </Field>
          )}
          {failure && <ErrorState error={failure} />}
        </DialogContent>
        <DialogActions fluid>
          <Button type="submit" appearance="primary" disabled={!isTyped} disabledFocusable={isBusy}>
            {isBusy ? <Spinner size="tiny" label={confirmLabel} /> : confirmLabel}
          </Button>
          <Button type="button" onClick={onClose}>
            {cancelLabel}
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}

function useIsMounted(): () => boolean {
  const [state] = useState({ isMounted: false });
  useEffect(() => {
    state.isMounted = true;
    return () => {
      state.isMounted = false;
    };
  }, [state]);
  return () => state.isMounted;
}
