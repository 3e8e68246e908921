import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** Everything that can be set from outside. Read once, here; the rest of the program gets this. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Without a slash at the end. Tokens name it as their audience and issuers begin with it. */
  readonly baseUrl: string;
  /** Absolute. The embedded PostgreSQL and the first client's secret live under it. */
  readonly dataDirectory: string;
  /** Unset: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly sample: 'contoso' | 'none';
  readonly tenantName: string;
  readonly bootstrapClient: { readonly id: string; readonly secret: string } | undefined;
  /** For the first Global Administrator; unset: a set-up link is made. */
  readonly adminPassword: string | undefined;
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** Processes that serve HTTP on the one port; with 1, the server is one process. */
  readonly workers: number;
  /** Requests of one caller to the API in each process; 0: as many as they like. */
  readonly requestsPerSecond: number;
  /** Where Entra ID's tokens come from, instead of Microsoft's global cloud. */
  readonly entraAuthority: string | undefined;
  readonly logLevel: string;
  /** Names that begin with AUTOCLAIM_ and mean nothing here: misspelt, or of another version. */
  readonly unknownSettings: readonly string[];
}

/** A setting that can't be used, told with its name and what would do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Of the command line's client, and of <data folder>/first-client.env: a shell that has them may also
 * start the server.
 */
const CLIENT_VARIABLES = [
  'AUTOCLAIM_URL',
  'AUTOCLAIM_TENANT',
  'AUTOCLAIM_CLIENT_ID',
  'AUTOCLAIM_CLIENT_SECRET',
  'AUTOCLAIM_PROFILE',
];

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/**
 * Reads the settings of API.md's table from an environment. An empty variable counts as unset.
 * @throws ConfigError naming the variable and what it may hold
 */
export function readConfig(environment: Environment = process.env): Config {
  const known = new Set([...CLIENT_VARIABLES, 'AUTOCLAIM_ADMIN_PASSWORD']);
  const read = (name: string) => {
    known.add(name);
    return environment[name]?.trim() || undefined;
  };
  const port = readPort(read('PORT'));
  const tls = readPair(read, 'AUTOCLAIM_TLS_CERT', 'AUTOCLAIM_TLS_KEY');
  const bootstrap = readPair(read, 'AUTOCLAIM_BOOTSTRAP_CLIENT_ID', 'AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET');
  const config = {
    host: read('HOST') ?? '127.0.0.1',
    port,
    baseUrl: readBaseUrl(read('AUTOCLAIM_BASE_URL') ?? `${tls ? 'https' : 'http'}://localhost:${port}`),
    dataDirectory: resolve(read('AUTOCLAIM_DATA_DIR') ?? './data'),
    databaseUrl: readDatabaseUrl(read('DATABASE_URL')),
    sample: readChoice('AUTOCLAIM_SAMPLE', read('AUTOCLAIM_SAMPLE') ?? 'none', ['contoso', 'none'] as const),
    tenantName: read('AUTOCLAIM_TENANT_NAME') ?? 'My organisation',
    bootstrapClient: bootstrap && { id: bootstrap[0], secret: bootstrap[1] },
    adminPassword: readAdminPassword(environment['AUTOCLAIM_ADMIN_PASSWORD']),
    tls: tls && { certificateFile: resolve(tls[0]), keyFile: resolve(tls[1]) },
    workers: readWorkers(read('AUTOCLAIM_WORKERS')),
    requestsPerSecond: readRequestsPerSecond(read('AUTOCLAIM_REQUESTS_PER_SECOND')),
    entraAuthority: readAuthority(read('AUTOCLAIM_ENTRA_AUTHORITY')),
    logLevel: readChoice('AUTOCLAIM_LOG_LEVEL', read('AUTOCLAIM_LOG_LEVEL') ?? 'info', LOG_LEVELS),
  };
  const unknownSettings = Object.keys(environment).filter((name) => name.startsWith('AUTOCLAIM_') && !known.has(name));
  return Object.freeze({ ...config, unknownSettings });
}

/** What the commands that call a server take from the environment. Empty variables count as unset. */
export interface ClientConfig {
  readonly url: string | undefined;
  readonly tenant: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly profile: string | undefined;
  /** Where the profiles are kept (XDG Base Directory Specification). */
  readonly configDirectory: string;
  /** Anything at all in NO_COLOR turns colours off (no-color.org). */
  readonly isColorless: boolean;
}

/** Reads what the commands that call a server need; never the server's own settings. */
export function readClientConfig(environment: Environment = process.env): ClientConfig {
  const read = (name: string) => environment[name]?.trim() || undefined;
  const base = read('XDG_CONFIG_HOME');
  return Object.freeze({
    url: read('AUTOCLAIM_URL'),
    tenant: read('AUTOCLAIM_TENANT'),
    clientId: read('AUTOCLAIM_CLIENT_ID'),
    clientSecret: read('AUTOCLAIM_CLIENT_SECRET'),
    profile: read('AUTOCLAIM_PROFILE'),
    // The specification has relative paths ignored.
    configDirectory: join(base && isAbsolute(base) ? base : join(homedir(), '.config'), 'autoclaim'),
    isColorless: Boolean(environment['NO_COLOR']) || environment['TERM'] === 'dumb',
  });
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 8365;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ConfigError(`PORT must be a whole number from 1 to 65535, not "${text}".`);
  }
  return port;
}

/** More share the database's connections until none has enough, and gain nothing: it is the database that is busy then. */
const WORKERS_MAX = 16;

function readWorkers(text: string | undefined): number {
  if (text === undefined) return 1;
  const workers = Number(text);
  if (!Number.isInteger(workers) || workers < 1 || workers > WORKERS_MAX) {
    throw new ConfigError(`AUTOCLAIM_WORKERS must be a whole number from 1 to ${WORKERS_MAX}, not "${text}".`);
  }
  return workers;
}

const REQUESTS_PER_SECOND = 1_000;
const REQUESTS_PER_SECOND_MAX = 1_000_000;

function readRequestsPerSecond(text: string | undefined): number {
  if (text === undefined) return REQUESTS_PER_SECOND;
  const requests = Number(text);
  if (!Number.isInteger(requests) || requests < 0 || requests > REQUESTS_PER_SECOND_MAX) {
    throw new ConfigError(
      `AUTOCLAIM_REQUESTS_PER_SECOND must be a whole number from 0 (no limit) to ${REQUESTS_PER_SECOND_MAX}, not "${text}".`,
    );
  }
  return requests;
}

function readBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash || url.username) {
    throw new ConfigError(`AUTOCLAIM_BASE_URL must be an http or https address without query or user, not "${text}".`);
  }
  return url.href.replace(/\/+$/, '');
}

/** Keys that anyone on the way could change would prove nothing: https, or this machine. */
function readAuthority(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isLoopback = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (!url || (url.protocol !== 'https:' && !isLoopback) || url.search || url.hash || url.username) {
    throw new ConfigError(`AUTOCLAIM_ENTRA_AUTHORITY must be an https address without query or user, not "${text}".`);
  }
  return url.href.replace(/\/+$/, '');
}

function readDatabaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // The value may hold a password, so the message doesn't repeat it.
  if (!/^postgres(ql)?:\/\//.test(text)) {
    throw new ConfigError('DATABASE_URL must begin with postgres:// or postgresql://.');
  }
  return text;
}

/** As it is: a password may begin or end with a space. The engine's own limits, said before anything starts. */
function readAdminPassword(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length < 8 || text.length > 256) {
    throw new ConfigError('AUTOCLAIM_ADMIN_PASSWORD must have 8 to 256 characters.');
  }
  return text;
}

function readChoice<const T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw new ConfigError(`${name} must be one of ${choices.join(', ')}, not "${text}".`);
  return choice;
}

function readPair(
  read: (name: string) => string | undefined,
  first: string,
  second: string,
): [string, string] | undefined {
  const [one, two] = [read(first), read(second)];
  if (one === undefined && two === undefined) return undefined;
  if (one === undefined || two === undefined) throw new ConfigError(`${first} and ${second} must be set together.`);
  return [one, two];
}
