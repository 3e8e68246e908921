import type { QueryClient } from '@tanstack/react-query';

/**
 * Lets everything about these nouns be read again, but for what is gone: a pane that is just
 * closing would ask for it once more, and be told that there is no such thing.
 */
export function readAgainWithout(client: QueryClient, nouns: readonly string[], goneIds: readonly string[]): void {
  const isGone = (key: readonly unknown[]) => key.some((part) => goneIds.includes(part as string));
  for (const noun of nouns) {
    void client.invalidateQueries({ queryKey: [noun], predicate: ({ queryKey }) => !isGone(queryKey) });
    void client.invalidateQueries({
      queryKey: [noun],
      predicate: ({ queryKey }) => isGone(queryKey),
      refetchType: 'none',
    });
  }
}
