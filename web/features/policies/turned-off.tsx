import { Button, Spinner, Text } from '@fluentui/react-components';
import { useNotify } from '../../ui/notifications.tsx';
import { usePerson } from '../../ui/person.ts';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { useTurnOn } from './switch.ts';

/** The centre of the page while auto-claim is off (PRODUCT.md, flow 1). */
export function TurnedOff() {
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const notify = useNotify();
  const turnOn = useTurnOn();
  return (
    <EmptyState
      title="Let users auto-claim licenses"
      action={
        mayWrite ? (
          <Button
            appearance="primary"
            disabledFocusable={turnOn.isPending}
            onClick={() => turnOn.mutate(undefined, { onSuccess: () => notify.success('Auto-claim is on') })}
          >
            {turnOn.isPending ? <Spinner size="tiny" label="Turn on setting" /> : 'Turn on setting'}
          </Button>
        ) : (
          <Text>The setting is off. Only a Global admin can turn it on.</Text>
        )
      }
    >
      With an auto-claim policy, people get the license they need by themselves: the first time that they sign in to an
      app, a license is claimed for them, from the product that you choose or from a backup product. Nobody opens a
      ticket, and no one gets a license that they don’t need.
      {turnOn.error && <ErrorState error={turnOn.error} />}
    </EmptyState>
  );
}
