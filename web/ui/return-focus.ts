import { useEffect, useLayoutEffect, useRef } from 'react';

const TRIES_MS = [0, 50, 150, 300, 500];
const SURFACE = '[role=dialog], [role=alertdialog]';

/** Where the focus was: on what, and in which pane or dialog. */
interface Origin {
  readonly opener: HTMLElement;
  readonly surface: HTMLElement | null;
}

/**
 * Gives the focus back to where it was before something opened over the page, once that has
 * closed. Where the opener is gone (its link is hidden by what was done), to the pane that it was
 * in: else it would go to the page behind the pane, which would be hidden from screen readers.
 */
export function useReturnFocus(isOpen: boolean): void {
  const origin = useRef<Origin | null>(null);
  // Before the surface takes the focus, which it does in an effect.
  useLayoutEffect(() => {
    if (!isOpen || !(document.activeElement instanceof HTMLElement)) return;
    origin.current = { opener: document.activeElement, surface: document.activeElement.closest<HTMLElement>(SURFACE) };
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen) return undefined;
    // Closed, or taken away as a whole. The surface fades out first, and lets go of the focus then.
    return () => {
      for (const ms of TRIES_MS) setTimeout(() => returnTo(origin.current), ms);
    };
  }, [isOpen]);
}

function returnTo(origin: Origin | null): void {
  if (!origin) return;
  const { opener, surface } = origin;
  const active = document.activeElement;
  const isAtNothing = active === document.body || active === null;
  const isBehind = surface?.isConnected === true && active?.closest(SURFACE) == null;
  if (!isAtNothing && !isBehind) return;
  if (opener.isConnected) opener.focus();
  else if (surface?.isConnected) surface.focus();
}
