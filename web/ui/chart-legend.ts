import { makeStyles } from '@fluentui/react-components';

// The library writes Every Word With A Capital, which is not how a product is called.
const useStyles = makeStyles({ text: { textTransform: 'none' } });

/** Legends of charts, with names as they are. */
export function useLegend() {
  const { text } = useStyles();
  return { allowFocusOnLegends: true, canSelectMultipleLegends: false, styles: { text } };
}

/** Share of a day's slot that is left free between bars: 90 days on a phone leave 3 px for each. */
export const BAR_GAP = 0.2;
