import { Checkbox, Field, makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components';
import { query } from '../../ui/api.ts';
import { Picker, type Choice } from '../../ui/picker.tsx';
import type { Audience } from './wizard/draft.ts';

interface Group {
  readonly id: string;
  readonly displayName: string;
}

interface Properties {
  readonly audience: Audience;
  readonly onChange: (audience: Audience) => void;
  /** Says that a group is missing, until one is chosen. */
  readonly isMissing?: boolean;
}

const useStyles = makeStyles({
  fields: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, maxWidth: '560px' },
});

/** Everyone, or chosen groups, less excluded groups; guests where they are let in. */
export function AudienceFields({ audience, onChange, isMissing }: Properties) {
  const styles = useStyles();
  const groups = {
    queryKey: ['groups'],
    pathOf: (text: string) =>
      `/v1.0/groups${query({ $top: 20, $select: 'id,displayName', $search: text && `"displayName:${text.replaceAll(/["\\]/g, '')}"` })}`,
    choiceOf: ({ id, displayName }: Group): Choice => ({ id, name: displayName }),
  };
  return (
    <div className={styles.fields}>
      <Field label="Who can claim under this policy?">
        <RadioGroup
          value={audience.isEveryone ? 'everyone' : 'groups'}
          onChange={(_, { value }) => onChange({ ...audience, isEveryone: value === 'everyone' })}
        >
          <Radio value="everyone" label="Everyone" />
          <Radio value="groups" label="Members of chosen groups" />
        </RadioGroup>
      </Field>
      {!audience.isEveryone && (
        <Picker<Group>
          {...groups}
          label="Groups"
          hint="Members of groups inside these count, too."
          validationMessage={
            isMissing && audience.includeGroups.length === 0 ? 'Choose at least one group.' : undefined
          }
          chosen={audience.includeGroups}
          onChange={(includeGroups) => onChange({ ...audience, includeGroups })}
        />
      )}
      <Picker<Group>
        {...groups}
        label="Excluded groups"
        hint="Who is in one of these can’t claim, whatever other group they are in."
        chosen={audience.excludeGroups}
        onChange={(excludeGroups) => onChange({ ...audience, excludeGroups })}
      />
      <Checkbox
        label="Guests can claim, too"
        checked={audience.includeGuests}
        onChange={(_, { checked }) => onChange({ ...audience, includeGuests: checked === true })}
      />
    </div>
  );
}
