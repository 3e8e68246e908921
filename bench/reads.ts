import type { GrowthStage } from './growth-stage.ts';
import { median, type Aim, type Measurements } from './harness/measurements.ts';

/** One thing that is read, as the admin center asks for it. */
interface Read {
  readonly name: string;
  readonly path: string;
  readonly aim?: Aim;
}

/** How often each is read in a repetition, one after the other. */
const READS = 7;
/** What takes long is read less often: no more is begun after this. */
const TOGETHER_MS = 5_000;
/** Who begins to look has seen nothing yet: the first of a repetition is told apart. */
const FIRST = 'the first';

function readsOf({ ownedApps }: GrowthStage): Read[] {
  const { policyId, skuId } = ownedApps[0]!;
  const ofPolicy = encodeURIComponent(`policyId eq ${policyId}`);
  const ofProduct = encodeURIComponent(`assignedLicenses/any(l:l/skuId eq ${skuId})`);
  // As its lists ask: a page, and how many there are.
  const list = '$top=50&$count=true';
  const since = new Date(Date.now() - 90 * 86_400_000).toISOString();
  const entries = `/auditLogs/directoryAudits?${list}&$filter=${encodeURIComponent(`activityDateTime ge ${since}`)}`;
  const users = '$select=id,displayName,userPrincipalName,userType,accountEnabled,assignedLicenses';
  return [
    { name: 'report, 90 days, first page', path: `/reports/autoClaim?${list}`, aim: { atMost: 100 } },
    { name: 'report, 90 days, summary', path: '/reports/autoClaim/summary', aim: { atMost: 200 } },
    {
      name: 'report of a policy, first page',
      path: `/reports/autoClaim?${list}&$filter=${ofPolicy}`,
      aim: { atMost: 100 },
    },
    {
      name: 'report of a policy, summary',
      path: `/reports/autoClaim/summary?$filter=${ofPolicy}`,
      aim: { atMost: 200 },
    },
    { name: 'users', path: `/users?${list}&${users}` },
    { name: 'users, searched', path: `/users?${list}&${users}&$search=${encodeURIComponent('"Person 1000000012"')}` },
    {
      name: 'licenses of a product',
      path: `/users?${list}&$select=id,displayName,userPrincipalName,licenseAssignmentStates&$filter=${ofProduct}`,
    },
    { name: 'audit', path: entries },
    { name: 'audit, searched', path: `${entries}&$search=${encodeURIComponent('"person100000000007"')}` },
    { name: 'sign-ins', path: `/auditLogs/signIns?${list}` },
    {
      name: 'sign-ins, refused',
      path: `/auditLogs/signIns?${list}&$filter=${encodeURIComponent("outcome eq 'refused'")}`,
    },
    { name: 'home page', path: '/admin/overview' },
  ];
}

/** Reads what the admin center shows where there are many licenses: how long each takes, from request to answer. */
export async function measureReads(stage: GrowthStage, measured: Measurements): Promise<void> {
  for (const { name, path, aim } of readsOf(stage)) {
    const times: number[] = [];
    for (const until = performance.now() + TOGETHER_MS; times.length < READS && performance.now() < until;) {
      times.push(await timeOf(stage, path));
    }
    measured.add(name, 'ms', median(times), aim);
    measured.addDetail(name, FIRST, 'ms', times[0]!);
    measured.addDetail(name, 'slowest', 'ms', Math.max(...times));
  }
}

async function timeOf({ many, token }: GrowthStage, path: string): Promise<number> {
  const from = performance.now();
  const response = await fetch(`${many.server.url}/v1.0${path}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${path} was answered with ${response.status}: ${text}`);
  return performance.now() - from;
}
