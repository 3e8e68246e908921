import { makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, CircleHintRegular, DismissCircleFilled, InfoRegular } from '@fluentui/react-icons';
import type { Policy, Product } from '../policy-data.ts';

/** What a sign-in would come to now, as the API explains it. */
export interface Explanation {
  readonly outcome: 'licensed' | 'claimed' | 'refused';
  readonly message: string;
  readonly adminMessage: string;
  readonly policyId: string | null;
  readonly skuId: string | null;
  readonly skuPartNumber: string | null;
  readonly steps: readonly Step[];
}

interface Step {
  readonly check: string;
  /** null: an earlier failure leaves nothing to check. */
  readonly passed: boolean | null;
  readonly detail?: string;
  readonly skuId?: string;
}

interface Properties {
  readonly explanation: Explanation;
  /** The policy whose pane this is in. */
  readonly policyId: string;
  readonly policies: readonly Policy[];
  readonly products: ReadonlyMap<string, Product> | undefined;
  /** The claim has been made since. */
  readonly isPast: boolean;
}

const useStyles = makeStyles({
  steps: { listStyleType: 'none', margin: 0, padding: 0 },
  step: { display: 'flex', gap: tokens.spacingHorizontalS, alignItems: 'flex-start', overflowWrap: 'anywhere' },
  good: { color: tokens.colorStatusSuccessForeground1, flexShrink: 0 },
  bad: { color: tokens.colorStatusDangerForeground1, flexShrink: 0 },
  none: { color: tokens.colorNeutralForeground3, flexShrink: 0 },
});

/** The decision, which policy makes it where it isn't this one, and every check with what it found. */
export function DecisionShown({ explanation, policyId, policies, products, isPast }: Properties) {
  const styles = useStyles();
  const { outcome, adminMessage, steps } = explanation;
  const deciding = outcome === 'licensed' ? undefined : decidingPolicy(explanation, policies);
  const isProductToName = new Set(steps.map(({ skuId }) => skuId)).size > 2;
  return (
    <>
      {deciding && deciding.id !== policyId && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            Another policy decides: “{deciding.displayName}” is the first one whose audience has the user.
          </MessageBarBody>
        </MessageBar>
      )}
      <Text weight="semibold" block>
        {isPast
          ? 'The decision was:'
          : outcome === 'claimed' && deciding
            ? `A license is claimed under “${deciding.displayName}” at the next sign-in.`
            : adminMessage}
      </Text>
      <ol className={styles.steps} aria-label="Checks">
        {steps.map((step, index) => {
          const product = isProductToName ? products?.get(step.skuId ?? '')?.displayName : undefined;
          const text = step.detail ?? step.check;
          return (
            <li key={index} className={styles.step}>
              <Mark step={step} />
              <Text>{product !== undefined && !text.includes(product) ? `${product}: ${text}` : text}</Text>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function Mark({ step: { check, passed } }: { step: Step }) {
  const styles = useStyles();
  // To be licensed already ends the list, too, but nothing is wrong with it.
  if (check === 'notLicensed' && passed === false) return <InfoRegular className={styles.none} aria-label="Decides:" />;
  if (passed === null) return <CircleHintRegular className={styles.none} aria-label="Not checked:" />;
  return passed ? (
    <CheckmarkCircleFilled className={styles.good} aria-label="Passed:" />
  ) : (
    <DismissCircleFilled className={styles.bad} aria-label="Not passed:" />
  );
}

/** Which policy decides: the one of the claim; where its products are refused, the one that the audience's check names. */
function decidingPolicy({ policyId, steps }: Explanation, policies: readonly Policy[]): Policy | undefined {
  if (policyId !== null) return policies.find(({ id }) => id === policyId);
  const found = steps.find(({ check, passed }) => check === 'audience' && passed)?.detail;
  return policies.find(({ displayName }) => found?.startsWith(`“${displayName}” is the first policy`));
}
