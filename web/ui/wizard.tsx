import { Button, makeStyles, mergeClasses, Spinner, tokens, typographyStyles } from '@fluentui/react-components';
import { CheckmarkCircleFilled, CircleFilled, CircleRegular } from '@fluentui/react-icons';
import { useEffect, useRef, type ReactNode } from 'react';
import { UnsavedChanges } from './unsaved-changes.tsx';

/** One page of a wizard. */
export interface WizardStep {
  readonly id: string;
  /** In the list at the left. */
  readonly label: string;
  /** The page's heading. */
  readonly title: string;
  readonly content: ReactNode;
  /** Without it, Next says what is missing: onRefused is called and nothing moves. */
  readonly isValid: boolean;
}

interface Properties {
  /** What the wizard does: "Add an auto-claim policy". */
  readonly label: string;
  readonly steps: readonly WizardStep[];
  /** The id of the page that is shown; keep it in the address (useSearchParameter('step')). */
  readonly current: string | undefined;
  readonly onGo: (id: string) => void;
  /** The last page's button: "Create policy". */
  readonly finishLabel: string;
  readonly onFinish: () => void;
  readonly isBusy?: boolean;
  /** Cancel was chosen: navigate away; where isDirty it is asked about then. */
  readonly onCancel: () => void;
  /** Next was chosen on a page that isn't valid: show its messages. */
  readonly onRefused?: (id: string) => void;
  /** Whether leaving loses something. */
  readonly isDirty: boolean;
  /** Shown in place of everything once it is done. */
  readonly done?: ReactNode;
}

const NARROW = '@media (max-width: 800px)';

const useStyles = makeStyles({
  wizard: { display: 'flex', gap: tokens.spacingHorizontalXXXL, [NARROW]: { flexDirection: 'column' } },
  list: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    width: '220px',
    flexShrink: 0,
    [NARROW]: { width: 'auto', display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM },
  },
  step: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalS}`,
    border: 'none',
    backgroundColor: 'transparent',
    color: tokens.colorNeutralForeground2,
    font: 'inherit',
    textAlign: 'left',
    [NARROW]: { paddingInline: 0 },
  },
  link: { cursor: 'pointer', ':hover': { textDecorationLine: 'underline' } },
  current: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  mark: { color: tokens.colorBrandForeground1, flexShrink: 0 },
  page: { flexGrow: 1, minWidth: 0, maxWidth: '760px' },
  title: { ...typographyStyles.subtitle1, margin: 0, marginBottom: tokens.spacingVerticalM, outline: 'none' },
  buttons: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    marginTop: tokens.spacingVerticalXXL,
    paddingTop: tokens.spacingVerticalL,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

/** Several pages towards one end: their list at the left (at the top when narrow), Next and Back below. */
export function Wizard(properties: Properties) {
  const {
    label,
    steps,
    current,
    onGo,
    finishLabel,
    onFinish,
    isBusy = false,
    onCancel,
    onRefused,
    isDirty,
    done,
  } = properties;
  const styles = useStyles();
  // Nobody is past a page that isn't valid, whatever the address says.
  const reachable = steps.findIndex(({ isValid }) => !isValid);
  const last = reachable < 0 ? steps.length - 1 : reachable;
  const index = Math.min(
    Math.max(
      0,
      steps.findIndex(({ id }) => id === current),
    ),
    last,
  );
  const step = steps[index]!;
  const isLast = index === steps.length - 1;
  const title = useFocusOnChange(step.id);
  if (done) return <>{done}</>;

  const goOn = () => {
    if (!step.isValid) onRefused?.(step.id);
    else if (isLast) onFinish();
    else onGo(steps[index + 1]!.id);
  };
  return (
    <div className={styles.wizard}>
      <nav aria-label={`Steps of ${label}`}>
        <ol className={styles.list}>
          {steps.map(({ id, label: text }, at) => (
            <li key={id}>
              {at < index ? (
                <button type="button" className={mergeClasses(styles.step, styles.link)} onClick={() => onGo(id)}>
                  <CheckmarkCircleFilled className={styles.mark} aria-label="Done:" />
                  {text}
                </button>
              ) : (
                <span
                  className={mergeClasses(styles.step, at === index && styles.current)}
                  aria-current={at === index ? 'step' : undefined}
                >
                  {at === index ? <CircleFilled className={styles.mark} aria-hidden /> : <CircleRegular aria-hidden />}
                  {text}
                </span>
              )}
            </li>
          ))}
        </ol>
      </nav>
      <form
        className={styles.page}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) goOn();
        }}
      >
        <h2 ref={title} tabIndex={-1} className={styles.title}>
          {step.title}
        </h2>
        {step.content}
        <div className={styles.buttons}>
          {index > 0 && (
            <Button type="button" disabledFocusable={isBusy} onClick={() => onGo(steps[index - 1]!.id)}>
              Back
            </Button>
          )}
          <Button type="submit" appearance="primary" disabledFocusable={isBusy}>
            {isBusy ? <Spinner size="tiny" label={isLast ? finishLabel : 'Next'} /> : isLast ? finishLabel : 'Next'}
          </Button>
          <Button type="button" appearance="subtle" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </form>
      <UnsavedChanges when={isDirty} />
    </div>
  );
}

/** Puts the focus on a new page's heading, so that a screen reader reads it; not on the first. */
function useFocusOnChange(id: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(id);
  useEffect(() => {
    if (before.current !== id) heading.current?.focus();
    before.current = id;
  }, [id]);
  return heading;
}
