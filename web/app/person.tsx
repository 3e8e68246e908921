import { useQueries } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import type { Scope } from '../../contract/permission.ts';
import { useApi } from '../ui/api.ts';
import { PersonContext, type Person } from '../ui/person.ts';

interface Me {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
}

interface OwnPermissions {
  readonly permissions: readonly Scope[];
  readonly directoryRoles: readonly unknown[];
}

/** A role that was given or taken shows within this time; the API knows it at once. */
const FRESH_FOR_MS = 60_000;

/** Reads who is signed in, and what they may do, before anything is drawn that depends on it. */
export function PersonProvider({ waiting, children }: { waiting: ReactNode; children: ReactNode }) {
  const api = useApi();
  // Together: one by one, the page would stand empty for a request more.
  const [{ data: me, error: meFailure }, { data: own, error: ownFailure }] = useQueries({
    queries: [
      { queryKey: ['me'], queryFn: () => api.get<Me>('/v1.0/me') },
      {
        queryKey: ['me', 'permissions'],
        queryFn: () => api.get<OwnPermissions>('/v1.0/me/permissions'),
        refetchInterval: FRESH_FOR_MS,
      },
    ],
  });
  const person = useMemo<Person | undefined>(() => {
    if (!me || !own) return undefined;
    const scopes: ReadonlySet<string> = new Set(own.permissions);
    return {
      ...me,
      hasRole: own.directoryRoles.length > 0,
      may: (scope) => scopes.has(scope) || scopes.has(scope.replace('.Read.', '.ReadWrite.')),
    };
  }, [me, own]);
  // What was read once stays good where it can't be read again for a while.
  const failure = (!me && meFailure) || (!own && ownFailure);
  if (failure) throw failure;
  if (!person) return waiting;
  return <PersonContext.Provider value={person}>{children}</PersonContext.Provider>;
}
