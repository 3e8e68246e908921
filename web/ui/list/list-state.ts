import { useSearchParameters } from '../search-parameter.ts';

/** More is no search by which anybody finds anything; the API takes some more (odata/search.ts). */
export const SEARCH_LENGTH_MAX = 200;

/** What a list shows, as it stands in the page's address. */
export interface ListState {
  readonly search: string;
  /** A column's orderBy; undefined is the API's own order. */
  readonly orderBy: string | undefined;
  readonly isDescending: boolean;
  /** For $orderby: "displayName desc". */
  readonly order: string | undefined;
  /** Whether something narrows the list: an empty one then isn't empty for good. */
  readonly isNarrowed: boolean;
  filter(name: string): string | undefined;
  setSearch(text: string): void;
  setOrder(orderBy: string, isDescending: boolean): void;
  setFilter(name: string, value: string | undefined): void;
  clear(): void;
}

/**
 * Search, order and filters of a list, kept in the address (q, sort, and the filters by name).
 * @param prefix where a page has several lists: "claims-"
 */
export function useListState({
  filters = [],
  prefix = '',
}: { filters?: readonly string[]; prefix?: string } = {}): ListState {
  const [parameters, set] = useSearchParameters();
  const value = (name: string) => parameters[prefix + name];
  const sort = value('sort');
  const isDescending = sort?.startsWith('-') === true;
  const orderBy = isDescending ? sort.slice(1) : sort;
  const change = (name: string, next: string | undefined) => set({ [prefix + name]: next }, { replace: true });
  return {
    // An address may say more than can be typed.
    search: (value('q') ?? '').slice(0, SEARCH_LENGTH_MAX).trim(),
    orderBy,
    isDescending,
    order: orderBy && (isDescending ? `${orderBy} desc` : orderBy),
    isNarrowed: ['q', ...filters].some((name) => value(name) !== undefined),
    filter: value,
    setSearch: (text) => change('q', text),
    setOrder: (by, descending) => change('sort', descending ? `-${by}` : by),
    setFilter: change,
    clear: () =>
      set(Object.fromEntries(['q', ...filters].map((name) => [prefix + name, undefined])), { replace: true }),
  };
}
