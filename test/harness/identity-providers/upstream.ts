import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A real OpenID Provider in a process of its own, with its own users. */
export interface Upstream {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Adds a user of its own, whose claims are these. */
  addUser(login: string, claims: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

/** @param redirectUri where it sends people back to */
export async function startUpstream(redirectUri: string): Promise<Upstream> {
  const program = fileURLToPath(new URL('upstream-process.ts', import.meta.url));
  const client = { clientId: 'autoclaim', clientSecret: 'the secret of autoclaim at the upstream' };
  const child = spawn(process.execPath, [program, JSON.stringify({ ...client, redirectUri })], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ issuer: string }];
  return {
    issuer: message.issuer,
    ...client,
    addUser: (login, claims) => void child.send({ login, claims }),
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
