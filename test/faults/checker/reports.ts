import { all, type OperationThat } from '../history/operation.ts';
import { parseCsv } from './csv.ts';
import { faultsOf, type Complain, type Fault } from './fault.ts';
import type { KnownClaim } from './known-claims.ts';
import type { Timeline } from './timeline.ts';

type Reading = OperationThat<'read report'>;

/** Point 6: every report read has the claims of its period: all that were answered before it, none that came after. */
export function judgeReports(timeline: Timeline): Fault[] {
  const { faults, add } = faultsOf(6);
  const readings = all(timeline.operations, 'read report');
  for (const reading of readings) {
    if (reading.outcome === 'refused' && reading.status !== null)
      add('a report was refused', reading.request, reading.answer);
    if (reading.outcome !== 'ok') continue;
    const complain = (what: string, ...about: unknown[]) => add(what, ...about, reading.request);
    const within = timeline.claims.filter(({ row }) => isWithin(row.claimed_at, reading.request));
    const may = within.filter(({ begin }) => begin <= reading.returnedAt);
    const must = within.filter(({ end }) => end <= reading.invokedAt);
    if (reading.request.form === 'summary') {
      judgeSummary(reading, may, must, complain);
      if (reading.request.isQuiet) judgeRefusals(timeline, reading, complain);
    } else judgeRows(rowsOf(reading), may, must, complain);
  }
  return faults;
}

/** from ≤ time < to, to the millisecond. */
function isWithin(time: Date, { from, to }: Reading['request']): boolean {
  return time.getTime() >= Date.parse(from) && (to === null || time.getTime() < Date.parse(to));
}

/** A report's row as all its forms have it: text. */
type Row = Readonly<Record<string, string>>;

function rowsOf({ answer, request }: Reading): Row[] {
  if (request.form === 'csv') return parseCsv(answer as string);
  const rows = (answer as { value: object[] }).value;
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])));
}

function judgeRows(rows: readonly Row[], may: readonly KnownClaim[], must: readonly KnownClaim[], complain: Complain) {
  const known = new Map(may.map(({ row }) => [row.claim_id, row]));
  const told = new Set<string>();
  for (const row of rows) {
    const claim = known.get(row['claimId']!);
    if (!claim) complain('a report has what is no claim of its period', row);
    if (told.has(row['claimId']!)) complain('a report has a claim twice', row);
    told.add(row['claimId']!);
    const is = claim && {
      claimedDateTime: claim.claimed_at.toISOString(),
      userId: claim.user_id,
      policyId: claim.policy_id,
      appId: claim.app_id,
      skuId: claim.sku_id,
      isBackup: String(claim.is_backup),
    };
    const wrong = Object.entries(is ?? {}).find(([name, value]) => row[name] !== value);
    if (wrong) complain(`a report's row differs from its claim in ${wrong[0]}`, row, claim);
  }
  for (const { row } of must) if (!told.has(row.claim_id)) complain('a report is without a claim of its period', row);
  const unordered = rows.find(
    (row, index) => index > 0 && row['claimedDateTime']! > rows[index - 1]!['claimedDateTime']!,
  );
  if (unordered) complain('a report is not newest first', unordered);
}

/** The counts lie between those of what must and what may be counted; so do their sums. */
function judgeSummary(
  { answer }: Reading,
  may: readonly KnownClaim[],
  must: readonly KnownClaim[],
  complain: Complain,
) {
  const counted = new Map<string, number>();
  let total = 0;
  for (const { date, skuId, count } of answer.claims as { date: string; skuId: string; count: number }[]) {
    counted.set(`${date} ${skuId}`, count);
    total += count;
  }
  const [most, least] = [countByDay(may), countByDay(must)];
  for (const key of new Set([...counted.keys(), ...least.keys()])) {
    const count = counted.get(key) ?? 0;
    if (count < (least.get(key) ?? 0) || count > (most.get(key) ?? 0)) {
      complain(`a summary counts ${count} claims of ${key}, of ${least.get(key) ?? 0} to ${most.get(key) ?? 0}`);
    }
  }
  if (answer.totalClaims !== total) complain(`a summary's ${answer.totalClaims} claims are ${total}`);
}

function countByDay(claims: readonly KnownClaim[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { row } of claims) {
    const key = `${row.claimed_at.toISOString().slice(0, 10)} ${row.sku_id}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function judgeRefusals({ after }: Timeline, { answer, request }: Reading, complain: Complain): void {
  const stored = new Map<string, number>();
  for (const { outcome, reason, decided_at: at } of after.signIns.values()) {
    if (outcome === 'refused' && isWithin(at, request)) stored.set(reason!, (stored.get(reason!) ?? 0) + 1);
  }
  const told = new Map((answer.refusals as { reason: string; count: number }[]).map((one) => [one.reason, one.count]));
  for (const reason of new Set([...stored.keys(), ...told.keys()])) {
    if (stored.get(reason) !== told.get(reason)) {
      complain(`a summary counts ${told.get(reason) ?? 0} refusals ${reason}, of ${stored.get(reason) ?? 0}`);
    }
  }
}
