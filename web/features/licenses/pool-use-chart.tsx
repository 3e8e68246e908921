import { DataVizPalette, getColorFromToken, VerticalStackedBarChart } from '@fluentui/react-charts';
import { BAR_GAP, useLegend } from '../../ui/chart-legend.ts';
import { count, formatNumber } from '../../ui/number.ts';
import { slotsOf, type PoolUse, type UsedDay } from './pool-use.ts';

const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });
const TICKS_MAX = 6;

/** What a day's bar is made of, from below; the licenses of the day are its height where none is above them. */
const PARTS = [
  { legend: 'Assigned', color: DataVizPalette.color11, of: (day: UsedDay) => Math.min(day.consumedUnits, day.units) },
  { legend: 'Available', color: DataVizPalette.color3, of: (day: UsedDay) => day.availableUnits },
  {
    legend: 'Over total',
    color: DataVizPalette.error,
    of: (day: UsedDay) => Math.max(day.consumedUnits - day.units, 0),
  },
];

interface Properties {
  readonly use: PoolUse;
  readonly isDark: boolean;
}

/** Assigned and available licenses per day. Loaded by itself: the chart library is large. */
export function PoolUseChart({ use, isDark }: Properties) {
  const slots = slotsOf(use);
  const parts = PARTS.filter(({ of }, at) => at < 2 || use.days.some((day) => of(day) > 0));
  const labels = slots.map(({ date }) => DAY.format(Date.parse(date)));
  const step = Math.ceil(slots.length / TICKS_MAX);
  const data = slots.map(({ day }, at) => ({
    xAxisPoint: labels[at]!,
    xAxisCalloutData: labels[at]!,
    stackCallOutAccessibilityData: { ariaLabel: `${labels[at]}: ${inWords(day)}` },
    chartData: parts.map(({ legend, color, of }) => ({
      legend,
      data: day ? of(day) : 0,
      color: getColorFromToken(color, isDark),
    })),
  }));
  return (
    <VerticalStackedBarChart
      data={data}
      height={220}
      isCalloutForStack
      barWidth="auto"
      xAxisInnerPadding={BAR_GAP}
      // The last one is today.
      tickValues={labels.filter((_, at) => (labels.length - 1 - at) % step === 0)}
      yMaxValue={Math.max(4, ...use.days.map(({ consumedUnits, units }) => Math.max(consumedUnits, units)))}
      yAxisTickCount={4}
      legendProps={useLegend()}
    />
  );
}

function inWords(day: UsedDay | undefined): string {
  if (!day) return 'not recorded';
  return `${formatNumber(day.consumedUnits)} of ${count(day.units, 'license')} assigned`;
}
