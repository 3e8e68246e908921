import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, CircleRegular } from '@fluentui/react-icons';
import { AppLink } from '../../ui/app-link.tsx';
import { usePerson } from '../../ui/person.ts';
import { Card } from './card.tsx';
import type { Overview } from './overview.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalM },
  step: { display: 'flex', gap: tokens.spacingHorizontalS },
  icon: { flexShrink: 0, marginTop: '2px', fontSize: '20px', color: tokens.colorNeutralForeground3 },
  done: { color: tokens.colorStatusSuccessForeground1 },
  text: { display: 'block', color: tokens.colorNeutralForeground2 },
});

/** Whether there is still something to do before the first claim can happen. */
export function isSetUp({ isAutoClaimEnabled, policies }: Overview): boolean {
  return isAutoClaimEnabled && policies.on > 0;
}

/** What leads to the first claim, and how far it is done. */
export function NextSteps({ overview }: { overview: Overview }) {
  const styles = useStyles();
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const { isAutoClaimEnabled, policies, pools } = overview;
  const steps = [
    {
      isDone: pools.total > 0,
      title: 'Have licenses to give out',
      text: 'Add a product, and say how many licenses of it you have.',
      link: <AppLink to="/products">Go to Your products</AppLink>,
    },
    {
      isDone: isAutoClaimEnabled,
      title: 'Turn on the setting',
      text: mayWrite
        ? 'Let users auto-claim licenses the first time they sign in. Nobody claims anything before there is a policy.'
        : 'A Global admin can let users auto-claim licenses the first time they sign in.',
      link: <AppLink to="/licenses/auto-claim">Go to Auto-claim policy</AppLink>,
    },
    {
      isDone: policies.on > 0,
      title: policies.total > 0 ? 'Turn on a policy' : 'Add your first policy',
      text: mayWrite
        ? 'A policy says which product people claim for an app, and who may.'
        : 'A Global admin can add a policy: it says which product people claim for an app, and who may.',
      link: <AppLink to="/licenses/auto-claim">Go to Auto-claim policy</AppLink>,
    },
  ];
  return (
    <Card title="What to do next">
      <ol className={styles.list}>
        {steps.map(({ isDone, title, text, link }) => (
          <li key={title} className={styles.step}>
            {isDone ? (
              <CheckmarkCircleFilled className={mergeClasses(styles.icon, styles.done)} aria-label="Done:" />
            ) : (
              <CircleRegular className={styles.icon} aria-label="To do:" />
            )}
            <div>
              <Text weight="semibold">{title}</Text>
              {!isDone && (
                <>
                  <Text className={styles.text}>{text}</Text>
                  {link}
                </>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}
