import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PERMISSIONS, type Permission } from '../../contract/permission.ts';
import { temporaryFolder } from './autoclaim-process.ts';
import { beginCommand, type Ended, type RunningCommand } from './command.ts';
import type { TestServer } from './server.ts';

/** Somebody at a terminal, with a configuration folder of their own, signed in to a server. */
export interface Operator {
  /** What their commands have in the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended>;
  begin(...args: string[]): RunningCommand;
  /** With something on standard input. */
  feed(input: string, ...args: string[]): Promise<Ended>;
  /** Runs one that must succeed; its `--json`. */
  json(...args: string[]): Promise<any>;
  /** What is kept of their profiles. */
  profiles(): any;
  remove: () => Promise<void>;
}

/** An operator whose environment names a client with these permissions, of a tenant (the server's first one). */
export async function operatorOf(
  server: TestServer,
  permissions: readonly Permission[] = PERMISSIONS,
  tenantId = server.tenantId,
): Promise<Operator> {
  const { clientId, clientSecret } = await server.createClient(permissions, tenantId);
  return makeOperator({
    AUTOCLAIM_URL: server.url,
    AUTOCLAIM_TENANT: tenantId,
    AUTOCLAIM_CLIENT_ID: clientId,
    AUTOCLAIM_CLIENT_SECRET: clientSecret,
  });
}

/** An operator who is signed in nowhere. */
export async function makeOperator(environment: Readonly<Record<string, string>> = {}): Promise<Operator> {
  const folder = await temporaryFolder();
  const settings = { XDG_CONFIG_HOME: folder.path, ...environment };
  const feed = (input: string, ...args: string[]) => beginCommand(args, settings, { input }).ended;
  return {
    settings,
    run: (...args) => feed('', ...args),
    begin: (...args) => beginCommand(args, settings),
    feed,
    async json(...args) {
      const { code, stdout, stderr } = await feed('', ...args, '--json');
      if (code !== 0) throw new Error(`autoclaim ${args.join(' ')}: ${String(code)} ${stdout}${stderr}`);
      return JSON.parse(stdout);
    },
    profiles: () => JSON.parse(readFileSync(join(folder.path, 'autoclaim', 'profiles.json'), 'utf8')) as unknown,
    remove: () => folder.remove(),
  };
}
