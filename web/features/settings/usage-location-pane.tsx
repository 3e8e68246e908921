import { Button, Spinner, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { countryName } from '../../ui/countries.ts';
import { CountryBox } from '../../ui/country-box.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { Pane } from '../../ui/pane.tsx';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useFormFailure } from '../../ui/form-failure.ts';
import { useWriteSetting, type AutoClaimSetting } from './setting-api.ts';

interface Properties {
  readonly setting: AutoClaimSetting;
  readonly onClose: () => void;
}

/** Which country counts for people who have none. */
export function UsageLocationPane({ setting, onClose }: Properties) {
  const notify = useNotify();
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const write = useWriteSetting();
  const failure = useFormFailure(['defaultUsageLocation']);
  const [code, setCode] = useState(setting.defaultUsageLocation ?? '');
  const isChanged = code !== (setting.defaultUsageLocation ?? '');
  const save = async () => {
    try {
      await write.mutateAsync({ defaultUsageLocation: code || null });
      notify.success(
        code === '' ? 'There is no default usage location now' : `The default usage location is ${countryName(code)}`,
      );
      onClose();
    } catch (error) {
      failure.set(error);
    }
  };

  return (
    <Pane
      open
      title="Default usage location"
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
      <CountryBox
        label="Country"
        hint="Some products may not be used in some countries. Clear it, and people without a usage location of their own can’t claim."
        validationMessage={failure.fields['defaultUsageLocation']}
        value={code}
        isReadOnly={!mayWrite}
        onChange={setCode}
      />
      {!mayWrite && <Text>Only a Global admin can change this.</Text>}
      {failure.form && <ErrorState error={failure.form} />}
    </Pane>
  );
}
