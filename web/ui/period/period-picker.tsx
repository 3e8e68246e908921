import { Dropdown, Field, Input, makeStyles, Option, tokens } from '@fluentui/react-components';
import { PERIODS, type PeriodChoice } from './period.ts';

const CHOICES: Readonly<Record<string, string>> = { ...PERIODS, custom: 'Custom range' };

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'flex-start' },
  period: { minWidth: '160px' },
});

/** Which time is looked at. */
export function PeriodPicker({ period }: { period: PeriodChoice }) {
  const styles = useStyles();
  const validity = period.problem ? ({ validationState: 'error', validationMessage: period.problem } as const) : {};
  return (
    <div className={styles.row}>
      <Field label="Period">
        <Dropdown
          className={styles.period}
          value={CHOICES[period.value]}
          selectedOptions={[period.value]}
          onOptionSelect={(_, { optionValue }) => optionValue && period.choose(optionValue)}
        >
          {Object.entries(CHOICES).map(([value, text]) => (
            <Option key={value} value={value}>
              {text}
            </Option>
          ))}
        </Dropdown>
      </Field>
      {period.isCustom && (
        <>
          <Field label="First day">
            <Input type="date" value={period.from} onChange={(_, { value }) => period.setRange({ from: value })} />
          </Field>
          <Field label="Last day" {...validity}>
            <Input type="date" value={period.to} onChange={(_, { value }) => period.setRange({ to: value })} />
          </Field>
        </>
      )}
    </div>
  );
}
