import { Button, Combobox, Field, Option, Spinner, Text } from '@fluentui/react-components';
import { useMemo, useState } from 'react';
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

const COUNTRY_NAMES = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'none' });
const LETTERS = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
/** Regions that have a name and are no countries; the API refuses them. */
const NOT_COUNTRIES = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ']);

/** Every country by its code, in the order of their names in the person's language. */
function countries(): { code: string; name: string }[] {
  return LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
    .filter((code) => !NOT_COUNTRIES.has(code) && new Intl.Locale(`und-${code}`).region === code)
    .map((code) => ({ code, name: COUNTRY_NAMES.of(code) ?? '' }))
    .filter(({ name }) => name !== '')
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Which country counts for people who have none. */
export function UsageLocationPane({ setting, onClose }: Properties) {
  const notify = useNotify();
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const write = useWriteSetting();
  const failure = useFormFailure(['defaultUsageLocation']);
  const all = useMemo(countries, []);
  const nameOf = (code: string | null) => all.find((country) => country.code === code)?.name ?? '';
  const [code, setCode] = useState(setting.defaultUsageLocation);
  const [typed, setTyped] = useState(nameOf(setting.defaultUsageLocation));
  const matching = all.filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()));
  const isChanged = code !== setting.defaultUsageLocation;
  const save = async () => {
    try {
      await write.mutateAsync({ defaultUsageLocation: code });
      notify.success(
        code === null ? 'There is no default usage location now' : `The default usage location is ${nameOf(code)}`,
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
      <Field
        label="Country"
        hint="Some products may not be used in some countries. Clear it, and people without a usage location of their own can’t claim."
        validationMessage={failure.fields['defaultUsageLocation']}
      >
        <Combobox
          clearable
          freeform
          disabled={!mayWrite}
          value={typed}
          selectedOptions={code === null ? [] : [code]}
          onChange={(event) => {
            setTyped(event.target.value);
            if (event.target.value.trim() === '') setCode(null);
          }}
          onOptionSelect={(_, { optionValue }) => {
            setCode(optionValue ?? null);
            setTyped(nameOf(optionValue ?? null));
          }}
          onBlur={() => setTyped(nameOf(code))}
        >
          {matching.map(({ code: value, name }) => (
            <Option key={value} value={value}>
              {name}
            </Option>
          ))}
        </Combobox>
      </Field>
      {!mayWrite && <Text>Only a Global admin can change this.</Text>}
      {failure.form && <ErrorState error={failure.form} />}
    </Pane>
  );
}
