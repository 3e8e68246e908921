import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useReturnFocus } from '../ui/return-focus.ts';
import { ErrorState } from '../ui/states.tsx';
import { goToSignIn } from './openid.ts';
import type { Session } from './session.ts';

/** Pages that read by themselves don't ask again sooner than this after "Not now"; a change does. */
const QUIET_MS = 60_000;

/** Says that the session is over, over whatever is open, and lets the person choose when to leave it. */
export function SessionOver({ session }: { session: Session }) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const quietUntil = useRef(0);
  useReturnFocus(isOpen);
  useEffect(
    () => session.onOver((isChange) => (isChange || performance.now() >= quietUntil.current) && setOpen(true)),
    [session],
  );

  const signIn = async () => {
    setFailure(undefined);
    try {
      // Signed in again in another tab: what is open here just goes on.
      if (!(await session.resume())) return await goToSignIn();
      setOpen(false);
      await queries.invalidateQueries();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const stay = () => {
    quietUntil.current = performance.now() + QUIET_MS;
    setOpen(false);
  };

  return (
    <Dialog modalType="alert" open={isOpen} onOpenChange={(_, data) => !data.open && stay()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Your session has ended</DialogTitle>
          <DialogContent>
            <p>
              You may have been signed out elsewhere or blocked, your password or a role may have changed, or you signed
              in too long ago.
            </p>
            <p>To keep what isn’t saved here, sign in in another tab first, then choose Sign in.</p>
            {failure && <ErrorState error={failure} />}
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={() => void signIn()}>
              Sign in
            </Button>
            <Button onClick={stay}>Not now</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
