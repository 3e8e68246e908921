import { Button } from '@fluentui/react-components';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '../../ui/states.tsx';
import { PageTitle } from '../../ui/page-title.tsx';

/** In place of a page that can't be drawn. */
export function RouteFailure({ error, reset }: ErrorComponentProps) {
  return (
    <>
      <PageTitle title="Something went wrong" />
      <ErrorState error={error instanceof Error ? error : new Error(String(error))} />
      <Button onClick={reset}>Try again</Button>
    </>
  );
}
