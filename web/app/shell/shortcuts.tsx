import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { useEffect } from 'react';
import { useReturnFocus } from '../../ui/return-focus.ts';

const useStyles = makeStyles({
  keys: {
    display: 'grid',
    gridTemplateColumns: 'max-content 1fr',
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXL}`,
    margin: 0,
    '& dd': { margin: 0 },
  },
});

/** What the keyboard does here besides what it does everywhere. */
const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  ['Alt + Q', 'Go to the search of the page or pane'],
  ['Escape', 'Close the pane or dialog; it asks first where changes are not saved'],
  ['Arrow keys', 'Move through tabs, menus and drop-down lists'],
  ['Space', 'Select a row or check a box'],
];

/** Alt+Q goes to the search, as in Microsoft 365; of the topmost pane, where one is open. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.code !== 'KeyQ') return;
      const search = [...document.querySelectorAll<HTMLInputElement>('input[type=search]')].findLast(
        (input) => !input.closest('[aria-hidden=true]'),
      );
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** The list of them. */
export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const styles = useStyles();
  useReturnFocus(open);
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Keyboard shortcuts</DialogTitle>
          <DialogContent>
            <dl className={styles.keys}>
              {SHORTCUTS.map(([keys, what]) => (
                <Shortcut key={keys} keys={keys} what={what} />
              ))}
            </dl>
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Close</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Shortcut({ keys, what }: { keys: string; what: string }) {
  return (
    <>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{what}</dd>
    </>
  );
}
