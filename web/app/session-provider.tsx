import { Button, Spinner, Title3, makeStyles, tokens } from '@fluentui/react-components';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { ErrorBoundary } from '../ui/error-boundary.tsx';
import { ApiContext } from '../ui/api.ts';
import { PersonProvider } from './person.tsx';
import { SessionOver } from './session-over.tsx';
import { Session } from './session.ts';

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('There is no session here.');
  return session;
}

// Begun once for the page, before anything is drawn.
const beginning = Session.begin().then(({ session, returnTo }) => {
  if (returnTo !== undefined) history.replaceState(null, '', returnTo);
  return session;
});
// Whoever waits for it shows what went wrong; nobody may be waiting yet.
beginning.catch(() => undefined);

const useStyles = makeStyles({
  centre: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: tokens.spacingVerticalL,
    paddingTop: '20vh',
  },
});

/** Draws its children for a person who is signed in. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const styles = useStyles();
  return (
    <ErrorBoundary
      fallback={(error) => (
        <main className={styles.centre}>
          <Title3 as="h1">You couldn’t be signed in</Title3>
          <p role="alert">{error.message}</p>
          <Button appearance="primary" onClick={() => location.assign('/')}>
            Try again
          </Button>
        </main>
      )}
    >
      <SignedIn waiting={<Spinner className={styles.centre} label="Signing you in" />}>{children}</SignedIn>
    </ErrorBoundary>
  );
}

/**
 * Without Suspense: once what stands in the page's place is drawn, React leaves it there for at least
 * 300 ms, at each of the steps until somebody is known, which made every page half a second later.
 */
function SignedIn({ waiting, children }: { waiting: ReactNode; children: ReactNode }) {
  const [session, setSession] = useState<Session>();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => void beginning.then(setSession, setFailure), []);
  if (failure !== undefined) throw failure;
  if (!session) return waiting;
  return (
    <SessionContext.Provider value={session}>
      <ApiContext.Provider value={session.api}>
        <PersonProvider waiting={waiting}>
          {children}
          <SessionOver session={session} />
        </PersonProvider>
      </ApiContext.Provider>
    </SessionContext.Provider>
  );
}
