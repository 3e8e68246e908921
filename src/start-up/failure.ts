import { ConfigError, type Config } from '../config.ts';
import { BackupRefused } from '../db/backup/refusal.ts';
import { sqlState, StoreUnavailable } from '../db/failures.ts';
import { EmbeddedFailure } from '../db/embedded/failure.ts';
import { DistributionRefused } from '../db/distribute/refusal.ts';
import { PasswordsRefused } from './passwords.ts';
import { DataFolderInUse } from '../db/embedded/folder-lock.ts';
import { tellHosts } from '../db/hosts.ts';
import { SchemaInUse, SchemaTooNew } from '../db/migrate.ts';
import { WorkerFailure } from './worker-messages.ts';

/** Failures whose message already says what happened and what to do. */
const SPEAK_FOR_THEMSELVES = [
  BackupRefused,
  ConfigError,
  DataFolderInUse,
  DistributionRefused,
  PasswordsRefused,
  EmbeddedFailure,
  SchemaInUse,
  SchemaTooNew,
  WorkerFailure,
];

/**
 * Why a start or a command failed and what to do about it, in a sentence or two for the person at the terminal.
 * @param config undefined where the settings themselves couldn't be read
 * @param what failed, for a reason that nothing more is known about
 */
export function explainFailure(error: unknown, config: Config | undefined, what = 'Autoclaim could not start'): string {
  if (SPEAK_FOR_THEMSELVES.some((kind) => error instanceof kind)) return (error as Error).message;
  return (
    explainFile(error) ??
    explainCertificate(error) ??
    (config && (explainListening(error, config) ?? explainStore(error, config.databaseUrl, 'DATABASE_URL'))) ??
    explainUnknown(error, what)
  );
}

function explainFile(error: unknown): string | undefined {
  const { path, code } = error as NodeJS.ErrnoException;
  if (path === undefined) return undefined;
  switch (code) {
    case 'ENOENT':
      return `There is no file ${path}. Correct the setting that names it.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `This user may not use ${path}. Change who may, or the setting that names it.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} is in the way: a folder is needed there.`;
    case 'ENOSPC':
      return `The disk of ${path} is full.`;
    default:
      return undefined;
  }
}

function explainCertificate(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code?.startsWith('ERR_OSSL')) return undefined;
  return `AUTOCLAIM_TLS_CERT and AUTOCLAIM_TLS_KEY must name a certificate and its key, as PEM (${message}).`;
}

function explainListening(error: unknown, config: Config): string | undefined {
  const { syscall, code } = error as NodeJS.ErrnoException;
  // "bind": where a worker's port is opened by the primary.
  if (!['listen', 'getaddrinfo', 'bind'].includes(syscall ?? '')) return undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${config.port} on ${config.host} is taken by another program. Stop it, or set PORT to a free port.`;
    case 'EACCES':
      return `This user may not listen on port ${config.port}. Set PORT to 1024 or higher.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${config.host} is not an address of this machine. Set HOST to one, such as 127.0.0.1 or 0.0.0.0.`;
    default:
      return undefined;
  }
}

/**
 * Why a database can't be used.
 * @param databaseUrl undefined: the embedded one, which speaks for itself
 * @param setting what names it
 * @returns undefined where it isn't the database's fault
 */
export function explainStore(error: unknown, databaseUrl: string | undefined, setting: string): string | undefined {
  if (databaseUrl === undefined) return undefined;
  const reason = error instanceof StoreUnavailable && error.cause ? error.cause : error;
  const where = `the database of ${setting} (${hostOf(databaseUrl)})`;
  switch (sqlState(reason)) {
    case '28P01':
    case '28000':
      return `${capital(where)} refuses the user or the password. Correct ${setting}.`;
    case '3D000':
      return `The database that ${setting} names does not exist on ${hostOf(databaseUrl)}. Create it: createdb <name>.`;
    case '42501':
      return `The user of ${setting} may not create tables. Make it the database's owner.`;
    default:
  }
  if (!(error instanceof StoreUnavailable)) return undefined;
  return `Can't reach ${where}: ${messageOf(reason)}. Check that PostgreSQL runs there, and ${setting}.`;
}

function explainUnknown(error: unknown, what: string): string {
  return `${what}: ${messageOf(error).replace(/\.$/, '')}. AUTOCLAIM_LOG_LEVEL=debug shows where.`;
}

/** Without user and password. */
function hostOf(databaseUrl: string): string {
  const url = URL.parse(databaseUrl);
  return tellHosts(databaseUrl) || url?.host || url?.searchParams.get('host') || 'its address';
}

/** A connection that failed on each of a name's addresses has its messages inside. */
function messageOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] };
  return (message || errors?.[0]?.message || code || String(error)).replace(/\.$/, '');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
