import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What an app behind a proxy got of a request; it answers with the same, as JSON. */
export interface Reached {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly length: number;
}

/** An app that knows nothing of sign-ins. */
export interface PlainApp {
  readonly url: string;
  readonly reached: Reached[];
  close(): void;
}

export async function startPlainApp(): Promise<PlainApp> {
  const reached: Reached[] = [];
  const server = createServer((request, response) => {
    let length = 0;
    request.on('data', (part: Buffer) => (length += part.length));
    request.on('end', () => {
      const { method, url, headers } = request;
      const one = { method: method!, url: url!, headers, length };
      reached.push(one);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(one));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    reached,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A program of a proxy that is installed; undefined where it isn't. */
export function installedProxy(name: 'nginx' | 'caddy'): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']) {
    const program = join(folder, name);
    try {
      execFileSync(program, [name === 'nginx' ? '-v' : 'version'], { stdio: 'ignore' });
      return program;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** A proxy that runs; its log is shown where it doesn't start. */
export interface RunningProxy {
  stop(): Promise<void>;
}

/** nginx with what belongs into the server block, which listens on a port of loopback. */
export async function startNginx(program: string, port: number, inServer: string): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'autoclaim-nginx-'));
  const configuration = `
    daemon off; master_process off; pid nginx.pid; error_log stderr warn;
    events { worker_connections 64; }
    http {
      access_log off;
      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
      server { listen 127.0.0.1:${port}; ${inServer} }
    }`;
  await writeFile(join(folder, 'nginx.conf'), configuration);
  return run(spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']), port, folder);
}

/** Caddy with a whole Caddyfile. */
export async function startCaddy(program: string, port: number, caddyfile: string): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'autoclaim-caddy-'));
  const path = join(folder, 'Caddyfile');
  await writeFile(path, `{\n\tadmin off\n\tauto_https off\n}\n${caddyfile}\n`);
  const environment = { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return run(spawn(program, ['run', '--config', path, '--adapter', 'caddyfile'], { env: environment }), port, folder);
}

async function run(child: ChildProcess, port: number, folder: string): Promise<RunningProxy> {
  let log = '';
  child.stderr!.on('data', (part: Buffer) => (log += part.toString()));
  child.stdout!.resume();
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) break;
    const answers = await fetch(`http://127.0.0.1:${port}/autoclaim-forward-auth/sign-in.css`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return { stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`The proxy did not start:\n${log}`);
}

/** A file for nginx's auth_basic. */
export async function passwordFile(name: string, password: string): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'autoclaim-passwords-'));
  const path = join(folder, 'passwords');
  await writeFile(path, `${name}:{PLAIN}${password}\n`);
  await access(path);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
