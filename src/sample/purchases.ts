import { WARNING_MS } from '../engine/subscription/lifecycle.ts';
import { PEOPLE, type Person } from './people.ts';
import { PLANS, type PlanName } from './plans.ts';
import { skuOf } from './products.ts';
import { sampleId } from './sample-id.ts';

/** A subscription of the sample, and who holds a license of it by hand. */
export interface Purchase {
  readonly subscriptionId: string;
  readonly skuId: string;
  readonly totalLicenses: number;
  /** When it ends, or ended, from the day that the sample is loaded; null: never. */
  readonly endsIn_ms: number | null;
  readonly isTrial: boolean;
  readonly holders: readonly Holder[];
}

export interface Holder {
  readonly userId: string;
  readonly disabledPlans: readonly string[];
}

const DAY_MS = 24 * 3_600_000;

// Nobody is given a license by hand who has no usage location; the administrator and guests have none.
const employees = PEOPLE.filter((person) => person.employeeId !== null && person.usageLocation !== null);
const inDepartments = (...names: string[]) => employees.filter(({ department }) => names.includes(department!));

// What people work with. One in six has no suite yet: they are who claims.
const frontline = inDepartments('Operations').slice(0, 30);
const experts = inDepartments('Information Technology', 'Legal').slice(0, 24);
const office = inDepartments('Engineering', 'Sales', 'Marketing', 'Finance', 'Human Resources')
  .filter((_, index) => index % 6 !== 5)
  .slice(0, 118);
const withoutSuite = employees.filter((person) => ![...frontline, ...experts, ...office].includes(person));

/** The sample's subscriptions: with room, nearly used up, full; one that ran out lately, one that ran out long ago. */
export const PURCHASES: readonly Purchase[] = [
  purchase(
    'SPE_E3',
    130,
    office.map((person) => holder(person, person.department === 'Finance' ? ['SWAY', 'YAMMER_ENTERPRISE'] : [])),
  ),
  // Two lawyers may not use Teams: an admin's choice, which auto-claim doesn't override.
  purchase(
    'SPE_E5',
    30,
    experts.map((person, index) => holder(person, index >= experts.length - 2 ? ['TEAMS1'] : [])),
  ),
  purchase(
    'SPE_F1',
    50,
    frontline.map((person) => holder(person)),
  ),
  purchase('Microsoft_Teams_Enterprise_New', 6, some(withoutSuite, 6)),
  purchase('TEAMS_ESSENTIALS_AAD', 25, []),
  purchase('POWERAPPS_PER_USER', 20, some(office, 18)),
  purchase('POWERAPPS_PER_APP_NEW', 40, some(frontline, 6)),
  purchase('VISIOCLIENT', 15, some(experts, 15)),
  purchase('VISIOONLINE_PLAN1', 40, some(office, 9)),
  purchase('POWER_BI_PRO', 25, some(office, 22)),
  purchase('PBI_PREMIUM_PER_USER', 10, some(frontline, 3)),
  purchase('MCOEV', 12, some(office, 7)),
  purchase('FLOW_FREE', 10_000, some(frontline, 20)),
  purchase('Microsoft_365_Copilot', 20, some(office, 14), { endsIn_ms: 300 * DAY_MS }),
  purchase('Microsoft_Teams_Premium', 25, some(experts, 4), { endsIn_ms: 25 * DAY_MS, isTrial: true }),
  // Ran out twelve days ago: Warning, people work on.
  purchase('PROJECTPROFESSIONAL', 10, some(office, 8), { endsIn_ms: -12 * DAY_MS }),
  // Ran out fifty days ago: Suspended, nothing can be assigned.
  purchase('PROJECTPREMIUM', 5, some(experts, 3), { endsIn_ms: -(WARNING_MS + 20 * DAY_MS) }),
];

function purchase(
  partNumber: string,
  totalLicenses: number,
  holders: readonly Holder[],
  more: Partial<Pick<Purchase, 'endsIn_ms' | 'isTrial'>> = {},
): Purchase {
  const subscriptionId = sampleId('subscription', partNumber);
  return { subscriptionId, skuId: skuOf(partNumber), totalLicenses, endsIn_ms: null, isTrial: false, holders, ...more };
}

function holder(person: Person, disabledPlans: readonly PlanName[] = []): Holder {
  return { userId: person.id, disabledPlans: disabledPlans.map((name) => PLANS[name][0]) };
}

/** So many of these people, from here and there among them. */
function some(people: readonly Person[], count: number): Holder[] {
  const step = people.length / count;
  return Array.from({ length: count }, (_, index) => holder(people[Math.floor(index * step)]!));
}
