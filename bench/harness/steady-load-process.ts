import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf, personAt } from '../people.ts';
import type { SteadyOrder, SteadyResult } from './steady-load.ts';

// Run by steady-load.ts: sends sign-ins as its one argument says and writes the result to stdout.
// An open loop: what is due is sent, or waits for a connection, whatever became of those before;
// and it is late from the moment at which it was due. Who sends only after an answer (a closed
// loop) leaves out just those requests that would have had to wait.

const order = JSON.parse(process.argv[2]!) as SteadyOrder;
const { token, appId, connections, seconds, perSecond, people, first = 0 } = order;
const url = new URL(order.url);
/** Sent before anything is counted: connections open, code compiles. */
const WARM_UP_MS = 1_000;
/** After the last was sent, so long for all to be answered. */
const PATIENCE_MS = 10_000;

interface Request {
  readonly person: number;
  readonly dueAt: number;
}

const head = `POST /v1.0/signIns HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
const latencies: number[] = [];
const lateness: number[] = [];
const waiting: Request[] = [];
let unanswered = 0;
let fault: string | null = null;
const beganAt = performance.now();
const idle = await Promise.all(Array.from({ length: connections }, openConnection));
const startsAt = performance.now() + 50;
const total = Math.floor((perSecond * (seconds * 1_000 + WARM_UP_MS)) / 1_000);

for (let sent = 0; sent < total && fault === null;) {
  const now = performance.now();
  for (; sent < total && dueAt(sent) <= now; sent += 1) {
    unanswered += 1;
    const request = { person: personAt(first + sent, people), dueAt: dueAt(sent) };
    const connection = idle.pop();
    if (connection) send(connection, request);
    else waiting.push(request);
  }
  await sleep(1);
}
for (const until = performance.now() + PATIENCE_MS; unanswered > 0 && fault === null && performance.now() < until;) {
  await sleep(5);
}
if (unanswered > 0) fault ??= `${unanswered} were not answered within ${PATIENCE_MS} ms.`;
if (first + total > people) fault ??= 'There are too few people for this machine.';
const sorted = latencies.toSorted((a, b) => a - b);
const at = (values: readonly number[], share: number) =>
  values[Math.min(values.length - 1, Math.floor(values.length * share))]!;
const result: SteadyResult = {
  answered: sorted.length,
  median: at(sorted, 0.5),
  p99: at(sorted, 0.99),
  p999: at(sorted, 0.999),
  highest: sorted.at(-1)!,
  senderLate: at(
    lateness.toSorted((a, b) => a - b),
    0.99,
  ),
};
process.stdout.write(JSON.stringify({ ...result, fault }), () => process.exit());

function dueAt(request: number): number {
  return startsAt + (request * 1_000) / perSecond;
}

interface Connection {
  readonly socket: Socket;
  request: Request | undefined;
  received: string;
}

async function openConnection(): Promise<Connection> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  const connection: Connection = { socket, request: undefined, received: '' };
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => receive(connection, text));
  socket.on('error', (error) => (fault ??= error.message));
  socket.on('close', () => (fault ??= `a connection was closed after ${Math.round(performance.now() - beganAt)} ms`));
  await once(socket, 'connect');
  return connection;
}

function send(connection: Connection, request: Request): void {
  if (request.dueAt >= startsAt + WARM_UP_MS && waiting.length === 0) lateness.push(performance.now() - request.dueAt);
  const body = `{"appId":"${appId}","userPrincipalName":"${nameOf(request.person)}"}`;
  connection.request = request;
  connection.socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`);
}

function receive(connection: Connection, text: string): void {
  connection.received += text;
  const { received, request } = connection;
  const bodyAt = received.indexOf('\r\n\r\n') + 4;
  if (bodyAt < 4) return;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? NaN);
  if (received.length < bodyAt + length) return;
  const now = performance.now();
  // Also what isn't a claim isn't measured: this is about claims.
  if (!received.startsWith('HTTP/1.1 200') || !received.includes('"outcome":"claimed"') || !request) {
    fault ??= received.slice(0, 15) + received.slice(bodyAt, bodyAt + 300);
    return;
  }
  if (request.dueAt >= startsAt + WARM_UP_MS) latencies.push(now - request.dueAt);
  unanswered -= 1;
  connection.request = undefined;
  connection.received = '';
  const other = waiting.shift();
  if (other) send(connection, other);
  else idle.push(connection);
}
