import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** What of a page stands in its address. */
export type SearchParameters = Record<string, string | undefined>;

interface Options {
  /** No entry of its own in the history: typing into a search box isn't going somewhere. */
  readonly replace?: boolean;
  /** Doesn't ask about unsaved changes: they are saved, or were given up. */
  readonly ignoreBlocker?: boolean;
}

/** Reads and writes the page's search parameters; undefined and '' take one out of the address. */
export function useSearchParameters(): [SearchParameters, (change: SearchParameters, options?: Options) => void] {
  const search: SearchParameters = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (change: SearchParameters, options?: Options) => {
      void navigate({
        to: '.',
        search: (before: SearchParameters) => ({ ...before, ...emptyAsAbsent(change) }),
        resetScroll: false,
        ...options,
      });
    },
    [navigate],
  );
  return [search, set];
}

/** One search parameter: useState in the address. For tabs, periods and drop-downs. */
export function useSearchParameter(
  name: string,
  options?: Options,
): [string | undefined, (value: string | undefined) => void] {
  const [search, set] = useSearchParameters();
  return [search[name], (value) => set({ [name]: value }, options)];
}

/**
 * A pane that has an address: open while its parameter is there, with the parameter as what it
 * shows (an id, or "new"). Back closes it.
 */
export function usePane(name: string): { value: string | undefined; open: (value: string) => void; close: () => void } {
  const [search, set] = useSearchParameters();
  return {
    value: search[name],
    open: (value) => set({ [name]: value }),
    // The pane has asked about unsaved changes itself.
    close: () => set({ [name]: undefined }, { ignoreBlocker: true }),
  };
}

function emptyAsAbsent(change: SearchParameters): SearchParameters {
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value === '' ? undefined : value]));
}
