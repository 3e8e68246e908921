import { DataVizPalette, getColorFromToken, VerticalStackedBarChart } from '@fluentui/react-charts';
import { BAR_GAP, useLegend } from '../../ui/chart-legend.ts';
import { count } from '../../ui/number.ts';
import { chartDays } from './chart-days.ts';
import type { Summary } from './report-data.ts';

const COLORS = [
  DataVizPalette.color1,
  DataVizPalette.color2,
  DataVizPalette.color3,
  DataVizPalette.color4,
  DataVizPalette.color5,
  DataVizPalette.color6,
  DataVizPalette.color7,
  DataVizPalette.color8,
];
const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });
const TICKS_MAX = 8;

interface Properties {
  readonly summary: Pick<Summary, 'claims' | 'from' | 'to'>;
  readonly isDark: boolean;
}

/** Claims per day by product. Loaded by itself: the chart library is large. */
export function ClaimsChart({ summary: { claims, from, to }, isDark }: Properties) {
  const { series, days } = chartDays(claims, from, to);
  const labels = days.map(({ date }) => DAY.format(Date.parse(date)));
  const step = Math.ceil(days.length / TICKS_MAX);
  const data = days.map(({ counts }, at) => ({
    xAxisPoint: labels[at]!,
    xAxisCalloutData: labels[at]!,
    stackCallOutAccessibilityData: {
      ariaLabel: `${labels[at]}: ${series.map(({ name }, of) => count(counts[of]!, `claim of ${name}`, `claims of ${name}`)).join(', ')}`,
    },
    chartData: series.map(({ name }, of) => ({
      legend: name,
      data: counts[of]!,
      color: getColorFromToken(COLORS[of]!, isDark),
    })),
  }));
  return (
    <VerticalStackedBarChart
      data={data}
      height={260}
      isCalloutForStack
      barWidth="auto"
      xAxisInnerPadding={BAR_GAP}
      tickValues={labels.filter((_, at) => at % step === 0)}
      yMaxValue={Math.max(4, ...days.map(({ counts }) => counts.reduce((sum, one) => sum + one, 0)))}
      yAxisTickCount={4}
      legendProps={useLegend()}
    />
  );
}
