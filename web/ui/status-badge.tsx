import { makeStyles, tokens } from '@fluentui/react-components';
import {
  CheckmarkCircleFilled,
  CircleHintRegular,
  DismissCircleFilled,
  InfoFilled,
  WarningFilled,
} from '@fluentui/react-icons';
import type { ComponentType, ReactNode } from 'react';

export type Tone = 'good' | 'warning' | 'bad' | 'neutral' | 'info';

const ICONS: Record<Tone, ComponentType<{ className?: string; 'aria-hidden'?: boolean }>> = {
  good: CheckmarkCircleFilled,
  warning: WarningFilled,
  bad: DismissCircleFilled,
  neutral: CircleHintRegular,
  info: InfoFilled,
};

const useStyles = makeStyles({
  badge: { display: 'inline-flex', alignItems: 'center', gap: tokens.spacingHorizontalXS, whiteSpace: 'nowrap' },
  good: { color: tokens.colorStatusSuccessForeground1, flexShrink: 0 },
  warning: { color: tokens.colorStatusWarningForeground3, flexShrink: 0 },
  bad: { color: tokens.colorStatusDangerForeground1, flexShrink: 0 },
  neutral: { color: tokens.colorNeutralForeground3, flexShrink: 0 },
  info: { color: tokens.colorBrandForeground1, flexShrink: 0 },
});

/** A status: a sign and its name, so that colour never says it alone. */
export function StatusBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  const styles = useStyles();
  const Icon = ICONS[tone];
  return (
    <span className={styles.badge}>
      <Icon className={styles[tone]} aria-hidden />
      {children}
    </span>
  );
}
