import { parseArgs } from 'node:util';
import { claims } from './claims.ts';
import { groups } from './groups.ts';
import { growth } from './growth.ts';
import { hooks } from './hooks.ts';
import { imports } from './imports.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { pages } from './pages.ts';
import { statements } from './statements.ts';
import { tokens } from './tokens.ts';
import { describeMachine } from './harness/machine.ts';
import type { Figure } from './harness/measurements.ts';
import { describeAims, describeReport, writeReport, type Report } from './harness/report.ts';

/** How to measure. */
export interface BenchOptions {
  readonly repetitions: number;
  /** How long each load lasts. */
  readonly seconds: number;
  /** How many there are where there are many. */
  readonly licenses: number;
  /** For the node that runs our server. */
  readonly flags: readonly string[];
  /** What a bench starts is stopped with it. */
  readonly started: AsyncDisposableStack;
  readonly say: (text: string) => void;
}

export type Bench = (options: BenchOptions) => Promise<{ figures: readonly Figure[]; notes: readonly string[] }>;

// `npm run bench` runs all, `npm run bench -- claims` one.
const BENCHES: Record<string, Bench> = {
  claims,
  statements,
  latency,
  hooks,
  tokens,
  growth,
  imports,
  groups,
  memory,
  pages,
};
const USAGE = `Usage: npm run bench -- [${Object.keys(BENCHES).join('] [')}] [--quick] [--repetitions 3] [--seconds 5] [--licenses 5000000] [--profile <folder>]\n`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    repetitions: { type: 'string' },
    seconds: { type: 'string' },
    licenses: { type: 'string' },
    profile: { type: 'string' },
  },
});
/** What --quick runs: to see that it runs, and nothing to quote. */
const amounts = values.quick
  ? { repetitions: '1', seconds: '2', licenses: '1000000' }
  : { repetitions: '3', seconds: '5', licenses: '5000000' };
const [repetitions, seconds, licenses] = (['repetitions', 'seconds', 'licenses'] as const).map((name) =>
  Number(values[name] ?? amounts[name]),
) as [number, number, number];
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
if (
  names.some((name) => !(name in BENCHES)) ||
  ![repetitions, seconds, licenses].every((n) => Number.isInteger(n) && n > 0)
) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const reports: Report[] = [];
for (const name of names) {
  const report = await run(name).catch((error: unknown) => {
    // The others are measured all the same.
    process.stderr.write(`${name} failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  });
  if (report) reports.push(report);
}
if (names.length > 1) process.stdout.write(describeAims(reports));

async function run(name: string): Promise<Report> {
  const say = (text: string) => process.stdout.write(`${name}: ${text}\n`);
  const startedAt = new Date();
  const machine = describeMachine();
  await using started = new AsyncDisposableStack();
  const stop = () => void started.disposeAsync().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { figures, notes } = await BENCHES[name]!({ repetitions, seconds, licenses, flags, started, say });
  process.off('SIGINT', stop).off('SIGTERM', stop);
  const report = { bench: name, startedAt, machine, settings: { repetitions, seconds, licenses }, figures, notes };
  process.stdout.write(describeReport(report));
  say(`every value is in ${writeReport(report)}`);
  return report;
}
