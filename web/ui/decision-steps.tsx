import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { StatusBadge, type Tone } from './status-badge.tsx';

/** A check of a decision, as explain answers it. */
export interface DecisionStep {
  readonly check: string;
  /** null: an earlier failure leaves nothing to check. */
  readonly passed: boolean | null;
  readonly detail?: string;
  readonly skuId?: string;
}

/** The checks in the order in which they decide (API.md, "explain"). */
const CHECKS: Readonly<Record<string, string>> = {
  app: 'The app is registered',
  user: 'The user exists',
  account: 'The account is not blocked',
  notLicensed: 'No license for the app yet',
  setting: 'Auto-claim is on',
  policy: 'A policy for the app is on',
  audience: 'The policy applies to them',
  subscription: 'The subscription is usable',
  plan: 'No admin has turned the app off for them',
  usageLocation: 'The usage location is set and allowed',
  conflict: 'No conflict with what they have',
  dependency: 'What it depends on is there',
  seat: 'A license is free',
};
const useStyles = makeStyles({
  list: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    // Else the longest text makes the column wider than a phone.
    gridTemplateColumns: 'minmax(0, 1fr)',
    gap: tokens.spacingVerticalS,
    // A check's name is a sentence, and no status of one word.
    '& > li > span': { whiteSpace: 'normal' },
  },
  grey: { display: 'block', color: tokens.colorNeutralForeground3, paddingLeft: '20px', overflowWrap: 'anywhere' },
});

interface Properties {
  readonly steps: readonly DecisionStep[];
  readonly names: ReadonlyMap<string, string> | undefined;
}

/** The checks of a decision as a list. @param names the products' by their ids; undefined while they are read */
export function DecisionSteps({ steps, names }: Properties) {
  const styles = useStyles();
  return (
    <ol className={styles.list} aria-label="Checks">
      {steps.map(({ check, passed, detail, skuId }, at) => (
        <li key={at}>
          <StatusBadge tone={toneOf(check, passed)}>
            {CHECKS[check] ?? check}
            {skuId && ` (${names?.get(skuId) ?? '…'})`}
            {passed === null ? ': not checked' : passed ? ': yes' : ': no'}
          </StatusBadge>
          {detail && (
            <Text size={200} className={styles.grey}>
              {detail}
            </Text>
          )}
        </li>
      ))}
    </ol>
  );
}

function toneOf(check: string, passed: boolean | null): Tone {
  // To be licensed already ends the list, too, but nothing is wrong with it.
  if (passed === null || (check === 'notLicensed' && !passed)) return 'neutral';
  return passed ? 'good' : 'bad';
}
