import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  tokens,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { useState, type ReactNode } from 'react';
import { useReturnFocus } from './return-focus.ts';
import { LeaveDialog, UnsavedChanges } from './unsaved-changes.tsx';

const useStyles = makeStyles({
  pane: { maxWidth: '100vw' },
  title: { overflowWrap: 'anywhere', minWidth: 0 },
  // The last line of a long form isn't hidden by the footer's shadow.
  body: { paddingBottom: tokens.spacingVerticalXXL, overflowWrap: 'anywhere' },
  footer: {
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    paddingTop: tokens.spacingVerticalM,
    paddingBottom: tokens.spacingVerticalM,
    flexWrap: 'wrap',
    justifyContent: 'flex-start',
  },
});

interface Properties {
  readonly open: boolean;
  readonly title: string;
  readonly children: ReactNode;
  /** Buttons that stay in sight, the primary one first; close with your own onClose after saving. */
  readonly footer?: ReactNode;
  /** Whether closing loses something: it asks first. */
  readonly isDirty?: boolean;
  /** The search parameter that holds the pane open (usePane's name), where it has one. */
  readonly parameter?: string;
  readonly size?: 'small' | 'medium' | 'large';
  readonly onClose: () => void;
}

/**
 * A pane at the right, over the page. Escape, a click beside it and its close button close it (and
 * ask where changes aren't saved); the focus goes back to where it was.
 */
export function Pane(properties: Properties) {
  const { open, title, children, footer, isDirty = false, parameter, size = 'medium', onClose } = properties;
  const styles = useStyles();
  const [isAsking, setAsking] = useState(false);
  useReturnFocus(open);
  const close = () => (isDirty ? setAsking(true) : onClose());
  return (
    <>
      <OverlayDrawer
        className={styles.pane}
        position="end"
        size={size}
        open={open}
        onOpenChange={(_, data) => !data.open && close()}
        aria-label={title}
      >
        <DrawerHeader>
          <DrawerHeaderTitle
            heading={{ className: styles.title }}
            action={<Button appearance="subtle" aria-label="Close" icon={<DismissRegular />} onClick={close} />}
          >
            {title}
          </DrawerHeaderTitle>
        </DrawerHeader>
        <DrawerBody className={styles.body}>{open && children}</DrawerBody>
        {footer && <DrawerFooter className={styles.footer}>{footer}</DrawerFooter>}
      </OverlayDrawer>
      <UnsavedChanges when={open && isDirty} parameter={parameter} />
      <LeaveDialog
        open={isAsking}
        onStay={() => setAsking(false)}
        onLeave={() => {
          setAsking(false);
          onClose();
        }}
      />
    </>
  );
}
