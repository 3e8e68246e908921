import { useSuspenseQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { useApi } from '../ui/api.ts';
import { PersonContext, type Person } from '../ui/person.ts';
import { useSession } from './session-provider.tsx';

interface Me {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
}

/** Reads who is signed in, and what they may do, before anything is drawn that depends on it. */
export function PersonProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const { token } = useSession();
  const { data: me } = useSuspenseQuery({ queryKey: ['me'], queryFn: ({ signal }) => api.get<Me>('/v1.0/me', signal) });
  const person = useMemo<Person>(() => {
    const { scp } = claimsOf(token.accessToken);
    const scopes = new Set((scp ?? '').split(' ').filter((scope) => scope.includes('.')));
    return {
      ...me,
      hasRole: scopes.size > 0,
      may: (scope) => scopes.has(scope) || scopes.has(scope.replace('.Read.', '.ReadWrite.')),
    };
  }, [me, token]);
  return <PersonContext.Provider value={person}>{children}</PersonContext.Provider>;
}

/** What the token says of its own, for showing alone: the API checks it. */
function claimsOf(accessToken: string): { scp?: string } {
  const payload = accessToken.split('.')[1] ?? '';
  const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as { scp?: string };
}
