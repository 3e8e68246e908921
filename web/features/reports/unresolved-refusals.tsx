import { makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { AppLink } from '../../ui/app-link.tsx';
import { count } from '../../ui/number.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useUnresolved, type Unresolved } from './sign-in-data.ts';

const useStyles = makeStyles({
  section: { marginBottom: tokens.spacingVerticalXL },
  heading: { display: 'block', marginTop: tokens.spacingVerticalL, marginBottom: tokens.spacingVerticalS },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  item: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM, overflowWrap: 'anywhere' },
  grey: { color: tokens.colorNeutralForeground3 },
});

/** What refused people of the period wait for, and where that is done. */
export function UnresolvedRefusals({ options }: { options: Readonly<Record<string, string>> }) {
  const styles = useStyles();
  const { data, error, refetch } = useUnresolved(options);
  return (
    <section className={styles.section} aria-label="Waiting for something">
      <Subtitle2 as="h2" className={styles.heading}>
        Waiting for something
      </Subtitle2>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={32} />
        </Skeleton>
      )}
      {data?.length === 0 && (
        <Text className={styles.grey}>Nobody who was refused in this period is still waiting.</Text>
      )}
      {data && data.length > 0 && (
        <ul className={styles.list}>
          {data.map((group) => {
            const { text, link } = remedyOf(group);
            return (
              <li key={`${group.reason} ${group.appId}`} className={styles.item}>
                <Text>{text}</Text>
                {link && <AppLink to={link[0]}>{link[1]}</AppLink>}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

/** In words what people wait for, and the place where an admin resolves it. */
function remedyOf(group: Unresolved): { text: string; link?: readonly [path: string, label: string] } {
  const { reason, people, skuId } = group;
  const app = group.appDisplayName ?? 'an app that is not registered';
  const product = group.productDisplayName ?? `a product for ${app}`;
  const policies = ['/licenses/auto-claim', 'Look at the policies'] as const;
  const buy = [skuId ? `/products?product=${skuId}` : '/products', 'Buy licenses'] as const;
  const who = (one: string, several: string) => `${count(people, 'person', 'people')} ${people === 1 ? one : several}`;
  switch (reason) {
    case 'noSeats':
      return { text: `${who('waits', 'wait')} for seats of ${product}.`, link: buy };
    case 'noSubscription':
      return { text: `${who('waits', 'wait')} for a subscription of ${product}.`, link: buy };
    case 'noPolicy':
      return { text: `${who('waits', 'wait')} for a policy for ${app}.`, link: policies };
    case 'notInAudience':
      return { text: `${who('is', 'are')} in the audience of no policy for ${app}.`, link: policies };
    case 'autoClaimOff':
      return { text: `${who('waits', 'wait')} for auto-claim to be on, for ${app}.`, link: ['/settings', 'Settings'] };
    case 'usageLocation':
      return {
        text: `${who('has', 'have')} no usage location, or one where ${product} may not be used.`,
        link: ['/settings', 'Set a default usage location'],
      };
    case 'planTurnedOff':
      return { text: `${who('was', 'were')} left out of ${app} by an admin.`, link: ['/users', 'Look at the users'] };
    case 'conflict':
      return { text: `${who('has', 'have')} a license that ${product} conflicts with.`, link: policies };
    case 'dependency':
      return { text: `${who('lacks', 'lack')} what ${product} depends on.`, link: policies };
    case 'userBlocked':
      return { text: `${who('is', 'are')} blocked and came to ${app}.`, link: ['/users', 'Look at the users'] };
    case 'unknownUser':
      return { text: `${who('is', 'are')} not known and came to ${app}.`, link: ['/users', 'Add or import users'] };
    case 'unknownApp':
      return { text: `${who('came', 'came')} to ${app}.` };
    default:
      return { text: `${who('was', 'were')} refused ${app}.` };
  }
}
