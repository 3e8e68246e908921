import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { AppLink } from '../../ui/app-link.tsx';
import { count } from '../../ui/number.ts';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Card } from './card.tsx';
import { TooManyUsers } from './too-many-users.tsx';
import type { Overview } from './overview.ts';

interface Remedy {
  /** What happened to people, after "12 sign-ins were refused: ". */
  readonly why: string;
  readonly link: readonly [path: string, label: string];
}

/** The refusals that somebody has to do something about. The others are as an admin has decided. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  noSeats: { why: 'every license was taken.', link: ['/products', 'Buy licenses, or free some'] },
  noSubscription: { why: 'the subscription has run out.', link: ['/products', 'Renew the subscription'] },
  noPolicy: { why: 'no policy for the app is on.', link: ['/licenses/auto-claim', 'Look at the policies'] },
  usageLocation: {
    why: 'the user’s usage location is not set, or the product may not be used there.',
    link: ['/settings', 'Set a default usage location'],
  },
  planTurnedOff: { why: 'an admin has turned the app off for the user.', link: ['/users', 'Look at the users'] },
  conflict: { why: 'the license conflicts with another one.', link: ['/licenses/auto-claim', 'Look at the policies'] },
  dependency: { why: 'the license needs another one first.', link: ['/licenses/auto-claim', 'Look at the policies'] },
  unknownApp: { why: 'the app is not registered.', link: ['/audit', 'See the sign-ins'] },
};

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalM },
  grey: { color: tokens.colorNeutralForeground3 },
});

/** What an admin should look at: policies that can't give anything, and refusals of the last week. */
export function Attention({ overview }: { overview: Overview }) {
  const { policies, activity, userCreationRefusedDateTime } = overview;
  const styles = useStyles();
  const refusals = (activity?.refusals ?? []).flatMap((refusal) => {
    const remedy = REMEDIES[refusal.reason];
    return remedy ? [{ ...refusal, ...remedy }] : [];
  });
  const isQuiet = policies.outOfLicenses === 0 && refusals.length === 0 && userCreationRefusedDateTime === null;
  return (
    <Card title="Needs someone">
      {isQuiet && (
        <Text className={styles.grey}>
          Nothing{activity ? ': no sign-in of the last 7 days was refused for want of something.' : '.'}
        </Text>
      )}
      {!isQuiet && (
        <ul className={styles.list}>
          {userCreationRefusedDateTime !== null && <TooManyUsers at={userCreationRefusedDateTime} />}
          {policies.outOfLicenses > 0 && (
            <li>
              <StatusBadge tone="warning">
                {count(policies.outOfLicenses, 'policy is', 'policies are')} out of licenses
              </StatusBadge>
              <div>
                <AppLink to="/licenses/auto-claim">Add a backup product, or buy licenses</AppLink>
              </div>
            </li>
          )}
          {refusals.map(({ reason, count: times, why, link: [path, label] }) => (
            <li key={reason}>
              <Text>
                <strong>{count(times, 'sign-in')}</strong> of the last 7 days {times === 1 ? 'was' : 'were'} refused:{' '}
                {why}
              </Text>
              <div>
                <AppLink to={path}>{label}</AppLink>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
