/** A back-up, a restore or a move can't be done as asked: the message says why and what to do. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}
