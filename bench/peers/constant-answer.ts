import { randomUUID } from 'node:crypto';

const [userId, appId, skuId, policyId, claimId] = Array.from({ length: 5 }, () => randomUUID());

/** Looks like the answer to a sign-in that claimed, and needs nothing to be known. */
export const CONSTANT_ANSWER = {
  id: randomUUID(),
  outcome: 'claimed',
  reason: null,
  message: 'You now have a license for Roomy.',
  isEntitled: true,
  userId,
  appId,
  skuId,
  skuPartNumber: 'ROOMY_SUITE',
  servicePlans: ['ROOMY'],
  policyId,
  claimId,
  isBackup: false,
  createdDateTime: new Date().toISOString(),
};
