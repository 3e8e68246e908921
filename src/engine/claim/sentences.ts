import type { Decision, Reason } from './decision.ts';
import type { Facts } from './facts.ts';

// Each reason has a sentence for the person, who wants to get in, and one for the admin, who can
// do something about it (PRODUCT.md, "The decision").

const FOR_PERSON: Record<Reason, (app: string) => string> = {
  unknownApp: () => 'This app is not known here. Tell your admin which app you wanted to open.',
  unknownUser: () => 'There is no account for you here yet. Ask your admin to add you.',
  userBlocked: () => 'Your account is blocked. Ask your admin to unblock it.',
  autoClaimOff: (app) => `You have no license for ${app} yet. Ask your admin for one.`,
  noPolicy: (app) => `You have no license for ${app} yet. Ask your admin for one.`,
  notInAudience: (app) =>
    `You have no license for ${app} yet, and you can't get one automatically. Ask your admin for one.`,
  noSubscription: (app) => `Your organisation has no active subscription for ${app}. Ask your admin about it.`,
  planTurnedOff: (app) => `Your admin has turned ${app} off for you. Ask them to turn it on if you need it.`,
  usageLocation: (app) =>
    `${app} can't be licensed for the country you are registered in, or none is registered. Ask your admin to set it.`,
  conflict: (app) =>
    `A license for ${app} doesn't go together with another one you have. Ask your admin to sort it out.`,
  dependency: (app) => `A license for ${app} needs another one that you don't have. Ask your admin for it.`,
  noSeats: (app) => `All licenses for ${app} are in use. Ask your admin to free one or to buy more.`,
};

const FOR_ADMIN: Record<Reason, string> = {
  unknownApp: 'No app with this appId is registered. Register it under applications.',
  unknownUser: 'There is no such user. Add or import them, or let trusted doors create users on first sign-in.',
  userBlocked: 'The account is blocked. Unblock it to let the user sign in.',
  autoClaimOff: 'Auto-claim is off. A Global admin can turn the setting on.',
  noPolicy: 'No auto-claim policy for this app is on. Add one, or turn one on.',
  notInAudience:
    'No policy that is on has this user in its audience. Look at its groups, its exclusions and its guests setting.',
  noSubscription:
    'The first product of the policy has no subscription that is active or in its warning period. Buy or renew one.',
  planTurnedOff:
    'An admin assigned the product with the app’s service plan turned off. Turn the plan on in that assignment.',
  usageLocation:
    'The user’s usage location is missing, or the product may not be used there. Set it, or a default for the organisation.',
  conflict:
    'Service plans of the product exclude plans that the user has. Leave these plans out in the policy, or remove the other license.',
  dependency:
    'Service plans of the product depend on plans that the user doesn’t have. Assign these first, or leave the plans out in the policy.',
  noSeats:
    'Every license of the policy’s products is assigned. Free or buy some, or add a backup product to the policy.',
};

/** What the person who signs in is told. */
export function sentenceForPerson(outcome: Decision['outcome'], reason: Reason | null, facts: Facts): string {
  const app = facts.app?.displayName ?? 'this app';
  if (reason) return FOR_PERSON[reason](app);
  return outcome === 'claimed' ? `You now have a license for ${app}.` : `You are licensed for ${app}.`;
}

/** What the admin is told who asks why. */
export function sentenceForAdmin(outcome: Decision['outcome'], reason: Reason | null): string {
  if (reason) return FOR_ADMIN[reason];
  return outcome === 'claimed'
    ? 'A license is claimed under the policy at the next sign-in.'
    : 'The user is licensed for this app already; nothing is claimed.';
}
