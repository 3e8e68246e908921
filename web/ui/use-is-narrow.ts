import { useSyncExternalStore } from 'react';

/** Below this a list has one column and the navigation hides behind a button. */
const NARROW = matchMedia('(max-width: 800px)');

/** Whether the window is that of a phone. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => NARROW.matches);
}

function subscribe(onChange: () => void): () => void {
  NARROW.addEventListener('change', onChange);
  return () => NARROW.removeEventListener('change', onChange);
}
