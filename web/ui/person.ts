import { createContext, useContext } from 'react';
import type { Scope } from '../../contract/permission.ts';

/** Who is signed in, and what the pages may offer them. What they may do is the API's to decide. */
export interface Person {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  /** Holds a directory role; who holds none sees their own licenses alone. */
  readonly hasRole: boolean;
  /** Whether a scope is theirs; a ReadWrite scope covers Read. */
  may(scope: Scope): boolean;
}

export const PersonContext = createContext<Person | null>(null);

export function usePerson(): Person {
  const person = useContext(PersonContext);
  if (!person) throw new Error('Nobody is signed in here.');
  return person;
}
