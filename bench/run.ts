import { parseArgs } from 'node:util';
import { claims } from './claims.ts';
import { imports } from './imports.ts';
import { describeMachine } from './harness/machine.ts';
import type { Figure } from './harness/measurements.ts';
import { describeReport, writeReport } from './harness/report.ts';

/** How to measure. */
export interface BenchOptions {
  readonly repetitions: number;
  /** How long each load lasts. */
  readonly seconds: number;
  /** For the node that runs our server. */
  readonly flags: readonly string[];
  /** What a bench starts is stopped with it. */
  readonly started: AsyncDisposableStack;
  readonly say: (text: string) => void;
}

export type Bench = (options: BenchOptions) => Promise<{ figures: readonly Figure[]; notes: readonly string[] }>;

// `npm run bench` runs all, `npm run bench -- claims` one.
const BENCHES: Record<string, Bench> = { claims, imports };
const USAGE = `Usage: npm run bench -- [${Object.keys(BENCHES).join('] [')}] [--repetitions 3] [--seconds 5] [--profile <folder>]\n`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repetitions: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    profile: { type: 'string' },
  },
});
const [repetitions, seconds] = [Number(values.repetitions), Number(values.seconds)];
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
if (names.some((name) => !(name in BENCHES)) || ![repetitions, seconds].every((n) => Number.isInteger(n) && n > 0)) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
for (const name of names) await run(name);

async function run(name: string): Promise<void> {
  const say = (text: string) => process.stdout.write(`${name}: ${text}\n`);
  const startedAt = new Date();
  const machine = describeMachine();
  await using started = new AsyncDisposableStack();
  const stop = () => void started.disposeAsync().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { figures, notes } = await BENCHES[name]!({ repetitions, seconds, flags, started, say });
  process.off('SIGINT', stop).off('SIGTERM', stop);
  const report = { bench: name, startedAt, machine, settings: { repetitions, seconds }, figures, notes };
  process.stdout.write(describeReport(report));
  say(`every value is in ${writeReport(report)}`);
}
