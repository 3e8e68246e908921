import { Button, Checkbox, Field, makeStyles, Spinner, Text, Textarea, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useFormFailure } from '../../ui/form-failure.ts';
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

/** Whether people become users by signing in, and of which domains. */
export function FirstSignInPane({ setting, onClose }: Properties) {
  const styles = useStyles();
  const notify = useNotify();
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const write = useWriteSetting();
  const failure = useFormFailure(['allowedDomains']);
  const [isOn, setOn] = useState(setting.createUsersOnSignIn);
  const [text, setText] = useState(setting.allowedDomains.join('\n'));
  const domains = [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter((domain) => domain !== ''),
    ),
  ];
  const isChanged = isOn !== setting.createUsersOnSignIn || domains.join('\n') !== setting.allowedDomains.join('\n');
  const save = async () => {
    failure.clear();
    try {
      await write.mutateAsync({ createUsersOnSignIn: isOn, allowedDomains: domains });
      notify.success(
        isOn ? 'Users are created on their first sign-in' : 'Users are not created on their first sign-in',
      );
      onClose();
    } catch (error) {
      failure.set(error);
    }
  };

  return (
    <Pane
      open
      title="Users on first sign-in"
      isDirty={isChanged && !write.isPending && !write.isSuccess}
      parameter="pane"
      onClose={onClose}
      footer={
        mayWrite && (
          <Button appearance="primary" disabledFocusable={!isChanged || write.isPending} onClick={() => void save()}>
            {write.isPending ? <Spinner size="tiny" label="Save" /> : 'Save'}
          </Button>
        )
      }
    >
      <div className={styles.body}>
        <Text>
          Who signs in through your identity provider (a sign-in hook, or an app that signs in through Autoclaim) and
          isn’t a user yet becomes one, with what the provider tells of them, and can claim a license at once.
        </Text>
        <Checkbox
          label="Create users on their first sign-in"
          checked={isOn}
          disabled={!mayWrite}
          onChange={(_, { checked }) => setOn(checked === true)}
        />
        <Field
          label="Allowed domains"
          hint="One a line, such as contoso.example. A user name must end in exactly one of these, behind the @: subdomains are domains of their own. Without any, nobody is created."
          validationMessage={failure.fields['allowedDomains']}
        >
          <Textarea
            rows={5}
            resize="vertical"
            value={text}
            readOnly={!mayWrite}
            onChange={(_, { value }) => setText(value)}
          />
        </Field>
        {isOn && domains.length === 0 && <Text role="status">Nobody is created: there is no allowed domain.</Text>}
        <Text>
          At most 100 users are created at once, and one more every 5 seconds. When more come, they are told that they
          aren’t known, and Home tells you.
        </Text>
        {!mayWrite && <Text>Only a Global admin can change this.</Text>}
        {failure.form && <ErrorState error={failure.form} />}
      </div>
    </Pane>
  );
}
