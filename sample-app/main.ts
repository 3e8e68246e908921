import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { createSampleApp } from './sample-app.ts';

// The sample app as a program of its own: see README.md.

const { values } = parseArgs({
  options: {
    issuer: { type: 'string' },
    'client-id': { type: 'string' },
    port: { type: 'string', default: '8366' },
  },
});
const { issuer, 'client-id': clientId, port } = values;
if (!issuer || !clientId || !URL.canParse(issuer) || !/^\d{1,5}$/.test(port)) {
  console.error('Usage: node sample-app/main.ts --issuer <URL> --client-id <id> [--port 8366]');
  process.exit(2);
}

const address = `http://localhost:${port}`;
const app = createSampleApp({ issuer, clientId, address });

createServer((request, response) => void answer(request, response))
  .on('error', (error) => {
    console.error(`The sample app can’t listen on port ${port}: ${error.message}`);
    process.exit(1);
  })
  .listen(Number(port), 'localhost', () => console.log(`The sample app is at ${address}/`));

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/', headers } = incoming;
  const request = new Request(new URL(url, address), { method, headers: { cookie: headers.cookie ?? '' } });
  const response = await app(request);
  outgoing.setHeaders(response.headers);
  outgoing.writeHead(response.status).end(await response.text());
}
