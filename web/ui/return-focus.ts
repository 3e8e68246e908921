import { useEffect, useLayoutEffect, useRef } from 'react';

const TRIES_MS = [0, 50, 150, 300, 500];

/** Gives the focus back to where it was before something opened over the page, once that has closed. */
export function useReturnFocus(isOpen: boolean): void {
  const opener = useRef<HTMLElement | null>(null);
  // Before the surface takes the focus, which it does in an effect.
  useLayoutEffect(() => {
    if (isOpen && document.activeElement instanceof HTMLElement) opener.current = document.activeElement;
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen) return undefined;
    // Closed, or taken away as a whole. The surface fades out first, and lets go of the focus then.
    return () => {
      for (const ms of TRIES_MS) setTimeout(() => returnTo(opener.current), ms);
    };
  }, [isOpen]);
}

function returnTo(opener: HTMLElement | null): void {
  const isLost = document.activeElement === document.body || document.activeElement === null;
  if (isLost && opener?.isConnected) opener.focus();
}
