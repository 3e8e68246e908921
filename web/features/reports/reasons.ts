/** Each reason in the admin's words (PRODUCT.md, "The decision"). */
export const REASONS: Readonly<Record<string, string>> = {
  unknownApp: 'The app is not registered',
  unknownUser: 'The user does not exist',
  userBlocked: 'The account is blocked',
  autoClaimOff: 'Auto-claim is off',
  noPolicy: 'No policy for the app is on',
  notInAudience: 'No policy applies to the user',
  noSubscription: 'No usable subscription',
  planTurnedOff: 'An admin turned the app off for the user',
  usageLocation: 'Usage location not set or not allowed',
  conflict: 'Conflicts with another license',
  dependency: 'Needs another license first',
  noSeats: 'No free license',
};
