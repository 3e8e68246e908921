import { makeStyles, Text, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  second: { display: 'block', color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
});

/** A cell of a name, and below it what tells it from others of the name. */
export function TwoLines({ first, second }: { first: string; second: string }) {
  const styles = useStyles();
  return (
    <>
      {first}
      {second !== '' && second !== first && (
        <Text size={200} className={styles.second}>
          {second}
        </Text>
      )}
    </>
  );
}
