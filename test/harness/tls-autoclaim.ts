import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificatePem, createCertificate } from './certificate.ts';
import { freePort, startAutoclaim, temporaryFolder } from './autoclaim-process.ts';
import { createTestDatabase } from './database.ts';

/** The program itself with the sample organisation, over TLS, as Microsoft's clients want it. */
export interface TlsAutoclaim {
  /** https://localhost:… */
  readonly url: string;
  /** One that may do everything. */
  readonly client: { readonly id: string; readonly secret: string };
  /** The certificate by which it is trusted, as a text and as a file. */
  readonly certificate: string;
  readonly certificateFile: string;
  close(): Promise<void>;
}

/** @param settings more of the environment */
export async function startOverTls(settings: Record<string, string> = {}): Promise<TlsAutoclaim> {
  const client = { id: 'robot', secret: randomUUID() };
  const folder = await temporaryFolder();
  const db = await createTestDatabase();
  const made = createCertificate({ commonName: 'localhost' });
  const certificate = certificatePem(made);
  const [certificateFile, keyFile] = [join(folder.path, 'certificate.pem'), join(folder.path, 'key.pem')];
  await writeFile(certificateFile, certificate);
  await writeFile(keyFile, made.privateKey.export({ type: 'pkcs8', format: 'pem' }));

  const port = await freePort();
  const url = `https://localhost:${port}`;
  const { host, port: databasePort, user, database } = db.connection;
  const server = await startAutoclaim({
    PORT: String(port),
    DATABASE_URL: `postgres://${user}@localhost:${databasePort}/${database}?host=${encodeURIComponent(host)}`,
    AUTOCLAIM_BASE_URL: url,
    AUTOCLAIM_DATA_DIR: folder.path,
    AUTOCLAIM_SAMPLE: 'contoso',
    AUTOCLAIM_BOOTSTRAP_CLIENT_ID: client.id,
    AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: client.secret,
    AUTOCLAIM_TLS_CERT: certificateFile,
    AUTOCLAIM_TLS_KEY: keyFile,
    ...settings,
  });
  const close = async () => {
    await server.stop();
    await db.close();
    await folder.remove();
  };
  try {
    await server.ready;
  } catch (error) {
    await close();
    throw error;
  }
  return { url, client, certificate, certificateFile, close };
}
