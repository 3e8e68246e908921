import { Button, Dropdown, Field, makeStyles, Option, Spinner, Text, tokens } from '@fluentui/react-components';
import { ArrowDownRegular, ArrowUpRegular } from '@fluentui/react-icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { moved } from './moved.ts';
import { useApps, type Policy } from './policy-data.ts';

const useStyles = makeStyles({
  list: { paddingInlineStart: tokens.spacingHorizontalXL },
  row: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  name: { flexGrow: 1, overflowWrap: 'anywhere' },
});

interface Properties {
  readonly policies: readonly Policy[];
  readonly appId: string;
  readonly onChoose: (appId: string) => void;
  readonly onClose: () => void;
}

/** Puts the policies of one app in order: the first whose audience has the user decides. */
export function ReorderPane({ policies, appId, onChoose, onClose }: Properties) {
  const styles = useStyles();
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const { data: apps = [] } = useApps();
  const choices = apps.filter(({ appId }) => policies.some((policy) => policy.appId === appId && policy.order > 1));
  const saved = policies.filter((policy) => policy.appId === appId).toSorted((a, b) => a.order - b.order);
  const [order, setOrder] = useState<readonly string[] | undefined>();
  const shown = order ?? saved.map(({ id }) => id);
  const save = useMutation({
    mutationFn: () => api.send('POST', '/v1.0/policies/autoClaimPolicies/reorder', { body: { ids: shown } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['policies'] });
      notify.success('The order is saved');
      onClose();
    },
  });

  return (
    <Pane
      open
      title="Change the order"
      parameter="order"
      isDirty={order !== undefined && !save.isPending && !save.isSuccess}
      onClose={onClose}
      footer={
        <Button
          appearance="primary"
          disabledFocusable={order === undefined || save.isPending}
          onClick={() => save.mutate()}
        >
          {save.isPending ? <Spinner size="tiny" label="Save" /> : 'Save'}
        </Button>
      }
    >
      <Text block>With several policies for one app, the first one whose audience has the user decides.</Text>
      <Field label="App">
        <Dropdown
          value={apps.find((app) => app.appId === appId)?.displayName ?? ''}
          selectedOptions={[appId]}
          onOptionSelect={(_, { optionValue }) => onChoose(optionValue!)}
        >
          {choices.map((app) => (
            <Option key={app.appId} value={app.appId}>
              {app.displayName}
            </Option>
          ))}
        </Dropdown>
      </Field>
      {saved.length === 0 && <Text block>This app has no policies.</Text>}
      <ol className={styles.list}>
        {shown.map((id, index) => {
          const name = saved.find((policy) => policy.id === id)?.displayName ?? '';
          return (
            <li key={id}>
              <div className={styles.row}>
                <span className={styles.name}>{name}</span>
                <Button
                  appearance="subtle"
                  icon={<ArrowUpRegular />}
                  aria-label={`Move ${name} up`}
                  // Keeps the focus where the row has got to the end.
                  disabledFocusable={index === 0}
                  onClick={() => index > 0 && setOrder(moved(shown, index, index - 1))}
                />
                <Button
                  appearance="subtle"
                  icon={<ArrowDownRegular />}
                  aria-label={`Move ${name} down`}
                  disabledFocusable={index === shown.length - 1}
                  onClick={() => index < shown.length - 1 && setOrder(moved(shown, index, index + 1))}
                />
              </div>
            </li>
          );
        })}
      </ol>
      {save.error && <ErrorState error={save.error} />}
    </Pane>
  );
}
