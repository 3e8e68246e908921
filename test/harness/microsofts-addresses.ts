import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { certificatePem, createCertificate } from './certificate.ts';

/** What Microsoft's clients ask, where they can't be told other addresses. */
const HOSTS = ['login.microsoftonline.com', 'graph.microsoft.com'];

/** A proxy that leads Microsoft's two addresses to a server of ours, and refuses all others. */
export interface MicrosoftsAddresses {
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  /** method and path of what was asked. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * Stands between a client and Microsoft, as a company's proxy does: it has certificates for the two hosts,
 * which the client trusts by NODE_EXTRA_CA_CERTS.
 * @param port of the server that answers in Microsoft's place
 * @param certificatesFile where the certificates are put
 */
export async function startMicrosoftsAddresses(port: number, certificatesFile: string): Promise<MicrosoftsAddresses> {
  const certificates = HOSTS.map((commonName) => createCertificate({ commonName }));
  await writeFile(certificatesFile, certificates.map(certificatePem).join(''));
  const contexts = new Map(
    HOSTS.map((host, index) => {
      const made = certificates[index]!;
      const key = made.privateKey.export({ type: 'pkcs8', format: 'pem' });
      return [host, createSecureContext({ cert: certificatePem(made), key })];
    }),
  );
  const asked: string[] = [];
  const inner = createSecureServer({ SNICallback: (host, done) => done(null, contexts.get(host)) }, (from, to) => {
    asked.push(`${from.method} ${from.url!.split('?', 1)[0]}`);
    const { method, url: path, headers } = from;
    const passed = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      to.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(to);
    });
    passed.on('error', () => to.destroy());
    from.pipe(passed);
  });
  const proxy = createServer();
  proxy.on('connect', ({ url }, socket) => {
    socket.on('error', () => undefined);
    if (!HOSTS.includes(url!.replace(/:443$/, ''))) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    return inner.emit('connection', socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    asked,
    async close() {
      inner.closeAllConnections();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
