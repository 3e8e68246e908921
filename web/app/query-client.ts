import { QueryClient } from '@tanstack/react-query';
import { ApiFailure } from '../ui/api.ts';

/** What was read is shown again for this long without asking; pages that live refresh by themselves. */
const FRESH_FOR_MS = 10_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_FOR_MS,
      // A refusal stays one; a fault may pass.
      retry: (count, error) => count < 2 && !(error instanceof ApiFailure && error.status < 500),
    },
  },
});
