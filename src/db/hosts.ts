/** One PostgreSQL server of several that a URL names; host may be a socket's folder. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

/** A URL that several hosts stand in, taken apart. */
export interface UrlOfHosts {
  /** The same URL with the first host alone, as node-postgres reads it. */
  readonly url: string;
  /** In the URL's order. */
  readonly hosts: readonly Host[];
}

const URL_PARTS = /^(postgres(?:ql)?:\/\/)((?:[^@/?#]*@)?)([^/?#]*)([^?#]*)(?:\?([^#]*))?$/;
const DEFAULT_PORT = 5432;
/** What else libpq knows to choose one of several hosts by. We always choose the one that takes writes. */
const FOR_CHOOSING = ['host', 'port', 'target_session_attrs', 'load_balance_hosts'];

/**
 * Reads the hosts of a URL in libpq's two forms: `postgresql://one:5432,two:5433/name` and
 * `postgresql:///name?host=one,two&port=5432,5433`. (node-postgres knows neither.)
 * @returns undefined where it has one host only
 * @throws RangeError where ports and hosts don't go together
 */
export function hostsOf(databaseUrl: string): UrlOfHosts | undefined {
  const [, scheme, user, authority, path, query = ''] = URL_PARTS.exec(databaseUrl) ?? [];
  if (scheme === undefined || authority === undefined) return undefined;
  const parameters = new URLSearchParams(query);
  const hosts = fromParameters(parameters) ?? fromAuthority(authority);
  if (hosts.length < 2) return undefined;
  const rest = new URLSearchParams([...parameters].filter(([name]) => !FOR_CHOOSING.includes(name)));
  const [first] = hosts;
  // The socket's folder has no place before the path.
  if (first!.host.startsWith('/')) rest.set('host', first!.host);
  const where = first!.host.startsWith('/') ? `localhost:${first!.port}` : `${bracketed(first!.host)}:${first!.port}`;
  return { url: `${scheme}${user!}${where}${path!}${rest.size > 0 ? `?${rest.toString()}` : ''}`, hosts };
}

/**
 * @returns what is wrong with a URL's hosts or what it wants of them; undefined where nothing is
 */
export function faultOfHosts(databaseUrl: string): string | undefined {
  const wanted = new URLSearchParams(URL_PARTS.exec(databaseUrl)?.[5]).get('target_session_attrs');
  if (wanted !== null && !['any', 'read-write', 'primary'].includes(wanted)) {
    return 'target_session_attrs must be read-write, which is also the default: Autoclaim writes';
  }
  try {
    hostsOf(databaseUrl);
    return undefined;
  } catch (error) {
    return `it names ${(error as Error).message}`;
  }
}

/** All that a URL names, for people; without user and password. */
export function tellHosts(databaseUrl: string): string | undefined {
  return hostsOf(databaseUrl)?.hosts.map(tellHost).join(', ');
}

export function tellHost({ host, port }: Host): string {
  return `${bracketed(host)}:${port}`;
}

function fromAuthority(authority: string): Host[] {
  return authority.split(',').map((part) => {
    const [, six, name, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(part) ?? [];
    return { host: decodeURIComponent(six ?? name ?? part) || 'localhost', port: portOf(port) };
  });
}

function fromParameters(parameters: URLSearchParams): Host[] | undefined {
  const names = parameters.get('host')?.split(',');
  if (!names) return undefined;
  const ports = (parameters.get('port') ?? '').split(',');
  if (ports.length !== 1 && ports.length !== names.length) {
    throw new RangeError(`${names.length} hosts and ${ports.length} ports`);
  }
  return names.map((host, index) => ({ host, port: portOf(ports[ports.length === 1 ? 0 : index]) }));
}

function portOf(text: string | undefined): number {
  const port = Number(text || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`the port ${text ?? ''}`);
  return port;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
