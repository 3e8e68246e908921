import {
  Button,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';

interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

/** Takes the admin center's export of users into the directory: all of it, or nothing. */
export function ImportPane({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const [file, setFile] = useState<File>();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const [counts, setCounts] = useState<Counts>();
  const run = async () => {
    if (!file || isBusy) return;
    setBusy(true);
    setFailure(undefined);
    setCounts(undefined);
    try {
      const response = await api.fetch('/v1.0/admin/import/users', {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: file,
      });
      const done = (await response.json()) as Counts;
      setCounts(done);
      setFile(undefined);
      for (const noun of ['users', 'pools']) void client.invalidateQueries({ queryKey: [noun] });
      notify.success(`${count(done.added, 'user')} added, ${formatNumber(done.changed)} changed`);
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
    setBusy(false);
  };
  return (
    <Pane
      open
      title="Import users"
      parameter="open"
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={!file || isBusy} onClick={() => void run()}>
          {isBusy ? <Spinner size="tiny" label="Import" /> : 'Import'}
        </Button>
      }
    >
      <div className={styles.form}>
        <Text>
          A CSV file as the Microsoft 365 admin center exports users. Who is known by their Object Id, or else by their
          user name, is changed; all others are added. If a line can’t be taken, nothing is imported. Licenses stay as
          they are.
        </Text>
        <Field label="CSV file">
          {(field) => (
            <input
              {...field}
              key={counts ? 'next' : 'first'}
              type="file"
              accept=".csv,text/csv"
              onChange={(event) => {
                setFile(event.target.files?.[0]);
                setFailure(undefined);
              }}
            />
          )}
        </Field>
        {failure && <ErrorState error={failure} />}
        {counts && (
          <MessageBar intent="success">
            <MessageBarBody>
              <MessageBarTitle>Imported.</MessageBarTitle>
              {formatNumber(counts.added)} added, {formatNumber(counts.changed)} changed,{' '}
              {formatNumber(counts.unchanged)} unchanged.
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
    </Pane>
  );
}
