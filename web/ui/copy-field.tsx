import { Button, Field, makeStyles, Textarea, tokens } from '@fluentui/react-components';
import { CopyRegular } from '@fluentui/react-icons';
import { useNotify } from './notifications.tsx';

const useStyles = makeStyles({
  row: { display: 'flex', alignItems: 'flex-start', gap: tokens.spacingHorizontalS },
  field: { flexGrow: 1, minWidth: 0 },
  text: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  button: { marginTop: '26px', flexShrink: 0 },
});

interface Properties {
  readonly label: string;
  readonly value: string;
  readonly rows?: number;
  readonly hint?: string;
}

/** A text to put somewhere else: selected when one goes there, and copied by a button. */
export function CopyField({ label, value, rows = 1, hint }: Properties) {
  const styles = useStyles();
  const notify = useNotify();
  const copy = () =>
    void navigator.clipboard.writeText(value).then(
      () => notify.success(`${label} copied`),
      () => notify.error(`${label} could not be copied`, 'Select it, and copy it by hand.'),
    );
  return (
    <div className={styles.row}>
      <Field className={styles.field} label={label} hint={hint}>
        <Textarea
          textarea={{ className: styles.text }}
          readOnly
          rows={rows}
          value={value}
          onFocus={(event) => event.target.select()}
        />
      </Field>
      <Button className={styles.button} icon={<CopyRegular />} aria-label={`Copy ${label}`} onClick={copy} />
    </div>
  );
}
