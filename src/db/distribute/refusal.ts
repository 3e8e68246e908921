/** A database can't be distributed as asked: the message says why and what to do. */
export class DistributionRefused extends Error {
  override readonly name = 'DistributionRefused';
}
