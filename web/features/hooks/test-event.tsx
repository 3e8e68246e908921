import { Button, Dropdown, Field, Input, makeStyles, Option, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SignInHookTestAnswer } from '../../../contract/sign-in-hook.ts';
import { useApi } from '../../ui/api.ts';
import { DateTime } from '../../ui/date-time.tsx';
import { formatNumber } from '../../ui/number.ts';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useApps, type Hook } from './hook-data.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, alignItems: 'flex-start' },
  wide: { width: '100%' },
  facts: {
    display: 'grid',
    gridTemplateColumns: 'max-content 1fr',
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalS,
    margin: 0,
    '& dd': { margin: 0, overflowWrap: 'anywhere' },
  },
  wire: {
    width: '100%',
    boxSizing: 'border-box',
    margin: 0,
    padding: tokens.spacingHorizontalM,
    overflow: 'auto',
    maxHeight: '320px',
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    fontSize: tokens.fontSizeBase200,
  },
});

/** How the hook does, and a test of it. */
export function TestEvent({ hook }: { hook: Hook }) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const mayWrite = usePerson().may('Application.ReadWrite.All');
  const { data: apps = [] } = useApps();
  const [userPrincipalName, setName] = useState('');
  const [chosen, setChosen] = useState<string>();
  const [answer, setAnswer] = useState<SignInHookTestAnswer>();
  const [failure, setFailure] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  // By what the provider calls them; the others by their own id.
  const clients = [
    ...hook.apps.map(({ clientId, appId }) => ({ clientId, appId })),
    ...apps
      .filter(({ appId }) => !hook.apps.some((one) => one.appId === appId))
      .map(({ appId }) => ({ clientId: appId, appId })),
  ];
  const nameOf = (appId: string) => apps.find((app) => app.appId === appId)?.displayName ?? appId;
  const selected = clients.find(({ clientId }) => clientId === chosen);
  const isWhole = userPrincipalName.trim() !== '' && selected !== undefined;
  const send = async () => {
    setBusy(true);
    setFailure(undefined);
    setAnswer(undefined);
    try {
      const body = { userPrincipalName: userPrincipalName.trim(), clientId: selected!.clientId };
      setAnswer(await api.send<SignInHookTestAnswer>('POST', `/v1.0/admin/signInHooks/${hook.id}/test`, { body }));
      for (const noun of ['hooks', 'pools', 'users', 'report']) void client.invalidateQueries({ queryKey: [noun] });
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown : Error(String(thrown)));
    }
    setBusy(false);
  };
  return (
    <div className={styles.body}>
      <dl className={styles.facts}>
        <dt>Last event</dt>
        <dd>{hook.lastEventDateTime ? <DateTime value={hook.lastEventDateTime} /> : 'None yet'}</dd>
        <dt>Events</dt>
        <dd>{formatNumber(hook.eventCount)}</dd>
        <dt>Refused</dt>
        <dd>{formatNumber(hook.refusedCount)}</dd>
        {hook.lastRefusal !== null && (
          <>
            <dt>Last refused</dt>
            <dd>
              <DateTime value={hook.lastRefusedDateTime} />: {hook.lastRefusal}
            </dd>
          </>
        )}
      </dl>
      {mayWrite ? (
        <>
          <Text>
            A test event is a real sign-in of the person you name: a license is claimed where one is due. It comes in by
            the same door as the provider’s, but for the provider’s own proof.
          </Text>
          <Field label="User name" className={styles.wide}>
            <Input
              value={userPrincipalName}
              maxLength={256}
              autoComplete="off"
              onChange={(_, { value }) => setName(value)}
            />
          </Field>
          <Field label="App" className={styles.wide}>
            <Dropdown
              value={selected ? nameOf(selected.appId) : ''}
              selectedOptions={selected ? [selected.clientId] : []}
              placeholder="Choose an app"
              onOptionSelect={(_, { optionValue }) => setChosen(optionValue)}
            >
              {clients.map(({ clientId, appId }) => (
                <Option key={clientId} value={clientId} text={nameOf(appId)}>
                  {nameOf(appId)}
                </Option>
              ))}
            </Dropdown>
          </Field>
          <Button appearance="primary" disabledFocusable={!isWhole || isBusy} onClick={() => isWhole && void send()}>
            {isBusy ? <Spinner size="tiny" label="Send test event" /> : 'Send test event'}
          </Button>
        </>
      ) : (
        <Text>Only a Global admin can send a test event.</Text>
      )}
      {failure && <ErrorState error={failure} />}
      {answer && (
        <div className={styles.wide} role="status">
          <Text block weight="semibold">
            Answered {answer.status} after {formatNumber(answer.milliseconds)} ms
          </Text>
          <pre className={styles.wire} tabIndex={0} aria-label="The answer">
            {JSON.stringify(answer.answer, null, 2)}
          </pre>
          <Text block weight="semibold">
            What was sent
          </Text>
          <pre className={styles.wire} tabIndex={0} aria-label="What was sent">
            {JSON.stringify(answer.sent, null, 2)}
          </pre>
        </div>
      )}
    </div>
  );
}
