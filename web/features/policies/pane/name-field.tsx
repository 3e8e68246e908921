import { Field, Input, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';

const useStyles = makeStyles({
  row: { display: 'flex', gap: tokens.spacingHorizontalM, alignItems: 'baseline', overflowWrap: 'anywhere' },
});

interface Properties {
  readonly name: string;
  readonly mayWrite: boolean;
  /** What the API has against it. */
  readonly failure: string | undefined;
  readonly onChange: (name: string) => void;
}

/** Policy name, with Edit. */
export function NameField({ name, mayWrite, failure, onChange }: Properties) {
  const styles = useStyles();
  const [isEditing, setEditing] = useState(false);
  if (isEditing) {
    return (
      <Field label="Policy name" required validationMessage={name.trim() === '' ? 'A policy needs a name.' : failure}>
        <Input maxLength={256} value={name} autoFocus onChange={(_, { value }) => onChange(value)} />
      </Field>
    );
  }
  return (
    <div>
      <Text weight="semibold" block>
        Policy name
      </Text>
      <div className={styles.row}>
        <Text>{name}</Text>
        {mayWrite && (
          <Link as="button" aria-label="Edit policy name" onClick={() => setEditing(true)}>
            Edit
          </Link>
        )}
      </div>
    </div>
  );
}
