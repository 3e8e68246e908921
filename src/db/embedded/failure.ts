/** The embedded PostgreSQL can't be used here: the message says why and what to do. */
export class EmbeddedFailure extends Error {
  override readonly name = 'EmbeddedFailure';
}
