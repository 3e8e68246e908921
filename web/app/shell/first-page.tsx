import { Navigate } from '@tanstack/react-router';
import { usePerson } from '../../ui/person.ts';

/** Where the bare address leads: home, or to their own licenses for who has no role. */
export function FirstPage() {
  const { hasRole } = usePerson();
  return <Navigate to={hasRole ? '/homepage' : '/my-licenses'} replace />;
}
