import { Button, Checkbox, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useWriteSetting, type AutoClaimSetting } from './setting-api.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
});

interface Properties {
  readonly setting: AutoClaimSetting;
  readonly onClose: () => void;
}

/** The pane of the row User owned apps and services: the feature switch. */
export function OwnedAppsPane({ setting, onClose }: Properties) {
  const styles = useStyles();
  const notify = useNotify();
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const write = useWriteSetting();
  const [isEnabled, setEnabled] = useState(setting.isEnabled);
  const save = async () => {
    await write.mutateAsync({ isEnabled });
    notify.success(isEnabled ? 'Auto-claim is on' : 'Auto-claim is off');
    onClose();
  };

  return (
    <Pane
      open
      title="User owned apps and services"
      isDirty={isEnabled !== setting.isEnabled && !write.isPending && !write.isSuccess}
      parameter="pane"
      onClose={onClose}
      footer={
        mayWrite && (
          <Button
            appearance="primary"
            disabledFocusable={isEnabled === setting.isEnabled || write.isPending}
            onClick={() => void save().catch(() => undefined)}
          >
            {write.isPending ? <Spinner size="tiny" label="Save" /> : 'Save'}
          </Button>
        )
      }
    >
      <div className={styles.body}>
        <Text>
          With auto-claim, people get the license they need by themselves: the first time that they sign in to an app
          for which you have written a policy.
        </Text>
        <Checkbox
          label="Let users auto-claim licenses the first time they sign in"
          checked={isEnabled}
          disabled={!mayWrite}
          onChange={(_, { checked }) => setEnabled(checked === true)}
        />
        {setting.isEnabled && !isEnabled && (
          <Text role="status">
            Nobody will claim a license any more from the moment you save. Who has claimed one keeps it, and your
            policies stay as they are.
          </Text>
        )}
        {!mayWrite && <Text>Only a Global admin can change this.</Text>}
        {write.error && <ErrorState error={write.error} />}
      </div>
    </Pane>
  );
}
