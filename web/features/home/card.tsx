import { Card as FluentCard, makeStyles, Text, tokens, typographyStyles } from '@fluentui/react-components';
import { useId, type ReactNode } from 'react';

const useStyles = makeStyles({
  card: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    height: '100%',
    boxSizing: 'border-box',
  },
  title: { ...typographyStyles.subtitle2, margin: 0 },
  body: { flexGrow: 1, display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  figure: {
    fontSize: tokens.fontSizeHero800,
    lineHeight: tokens.lineHeightHero800,
    fontWeight: tokens.fontWeightSemibold,
  },
  grey: { color: tokens.colorNeutralForeground3 },
});

/** One subject of the home page. */
export function Card({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  const styles = useStyles();
  const id = useId();
  return (
    <FluentCard className={styles.card} role="region" aria-labelledby={id} focusMode="off">
      <h2 id={id} className={styles.title}>
        {title}
      </h2>
      <div className={styles.body}>{children}</div>
      {action && <div>{action}</div>}
    </FluentCard>
  );
}

/** A number that is the card's point, and what it counts. */
export function Figure({ value, label }: { value: string; label: string }) {
  const styles = useStyles();
  return (
    <div>
      <div className={styles.figure}>{value}</div>
      <Text className={styles.grey}>{label}</Text>
    </div>
  );
}
