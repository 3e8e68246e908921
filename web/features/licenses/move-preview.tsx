import {
  makeStyles,
  MessageBar,
  MessageBarBody,
  Skeleton,
  SkeletonItem,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components';
import { count, formatNumber } from '../../ui/number.ts';
import { missingSeats, type Named, type Preview } from './license-changes.ts';

const useStyles = makeStyles({
  box: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL, overflowWrap: 'anywhere' },
});
const NAMES_SHOWN = 3;

interface Properties {
  /** undefined while it is asked for. */
  readonly preview: Preview | undefined;
  readonly people: readonly Named[];
  readonly from: string;
  readonly to: { readonly skuId: string; readonly name: string };
}

/** What a move comes to, in numbers: people, seats, and who can't be moved and why. */
export function MovePreview({ preview, people, from, to }: Properties) {
  const styles = useStyles();
  if (!preview) {
    return (
      <Skeleton aria-label="Counting">
        <SkeletonItem size={48} />
      </Skeleton>
    );
  }
  const { changed, refused, pools } = preview;
  const needed = pools.find(({ skuId }) => skuId === to.skuId);
  const freed = pools.reduce((sum, pool) => sum + pool.seatsFreed, 0);
  const missing = missingSeats(preview);
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const byReason = Map.groupBy(refused, ({ message }) => message);
  return (
    <section className={styles.box} aria-label="What it comes to">
      <Subtitle2 as="h3">What it comes to</Subtitle2>
      <Text>
        {count(changed, 'person moves', 'people move')}. They need {count(needed?.seatsNeeded ?? 0, 'license')} of{' '}
        {to.name}, of which {formatNumber(needed?.availableUnits ?? 0)} {needed?.availableUnits === 1 ? 'is' : 'are'}{' '}
        available. {count(freed, 'license')} of {from} {freed === 1 ? 'becomes' : 'become'} free.
      </Text>
      {missing > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {count(missing, 'license is', 'licenses are')} missing: the last {count(missing, 'person', 'people')} would
            keep {from}. Buy more of {to.name} first, and nobody is left out.
          </MessageBarBody>
        </MessageBar>
      )}
      {refused.length > 0 && (
        <>
          <Text>
            {count(refused.length, 'person', 'people')} can’t be moved, and {refused.length === 1 ? 'keeps' : 'keep'}{' '}
            what they have:
          </Text>
          <ul className={styles.list}>
            {[...byReason].map(([message, those]) => (
              <li key={message}>
                {formatNumber(those.length)}: {message} (
                {those
                  .slice(0, NAMES_SHOWN)
                  .map(({ userId }) => names.get(userId) ?? userId)
                  .join(', ')}
                {those.length > NAMES_SHOWN && ', …'})
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
