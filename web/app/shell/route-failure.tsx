import type { ErrorComponentProps } from '@tanstack/react-router';
import { useEffect } from 'react';
import { forgetFailedParts, PartNotLoaded } from '../../ui/lazy-part.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { ErrorState } from '../../ui/states.tsx';

const RELOADED_KEY = 'autoclaim.reloaded-for';

/** In place of a page that can't be drawn. */
export function RouteFailure({ error, reset }: ErrorComponentProps) {
  const failure = error instanceof Error ? error : new Error(String(error));
  const isOutdated = failure instanceof PartNotLoaded;

  // The server is there: it has other files by now, or the browser remembers that it was not there.
  // Loading the page again mends both; once by itself, lest it go on for ever.
  useEffect(() => {
    if (!isOutdated) return;
    const reason = String(failure.cause);
    if (sessionStorage.getItem(RELOADED_KEY) === reason) return;
    sessionStorage.setItem(RELOADED_KEY, reason);
    location.reload();
  }, [isOutdated, failure]);

  const retry = () => {
    if (isOutdated) {
      location.reload();
    } else {
      forgetFailedParts();
      reset();
    }
  };
  return (
    <>
      <PageTitle title="Something went wrong" />
      <ErrorState error={failure} retry={retry} />
    </>
  );
}
