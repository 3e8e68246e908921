import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../db/open.ts';
import type { Server } from './server.ts';

/** What is measured, for Prometheus. Labels are names of our own making only: no ids, no tenants, no people. */
export interface Metrics {
  /** Decisions on sign-ins through any door, by outcome and, where refused, reason ("" else). */
  readonly signIns: Counter<'outcome' | 'reason'>;
  /** What came in by the hooks of identity providers, and what became of it. */
  readonly hookEvents: Counter<'door' | 'result'>;
  /** What reverse proxies were answered. */
  readonly forwardAuth: Counter<'result'>;
  /** The text that Prometheus reads, and its content type. */
  read(): Promise<{ text: string; contentType: string }>;
}

/** What one process has measured; plain data. */
export type Measurements = object;

/**
 * Where several processes serve on one port, any of which may be asked.
 * @param own reads this process's own measurements
 * @returns how to read those of all processes
 */
export type GatherMeasurements = (own: () => Promise<Measurements>) => () => Promise<readonly Measurements[]>;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measures a server's requests, its connections to the database and its process. */
export function measure(server: Server, db: Database, gather?: GatherMeasurements): Metrics {
  const own = measureProcess(db);
  const { registry } = own;
  measureRequests(server, registry);
  const readAll = gather?.(() => own.read());
  return {
    signIns: new Counter({
      name: 'sign_ins_total',
      help: 'Decisions on sign-ins.',
      labelNames: ['outcome', 'reason'],
      registers: [registry],
    }),
    hookEvents: new Counter({
      name: 'hook_events_total',
      help: 'Events of identity providers, by door and what became of them.',
      labelNames: ['door', 'result'],
      registers: [registry],
    }),
    forwardAuth: new Counter({
      name: 'forward_auth_answers_total',
      help: 'Answers to reverse proxies that ask whether a request may pass.',
      labelNames: ['result'],
      registers: [registry],
    }),
    async read() {
      // Of several processes: sums, but for what each metric says of itself (averages, the largest).
      const all = readAll ? AggregatorRegistry.aggregate([...(await readAll())]) : registry;
      return { text: await all.metrics(), contentType: registry.contentType };
    },
  };
}

/** Measures a process and its connections to the database. */
export function measureProcess(db: Database): { registry: Registry; read(): Promise<Measurements> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  measureConnections(db, registry);
  new Gauge({
    name: 'server_processes',
    help: 'Processes of this server that are measured.',
    registers: [registry],
  }).set(1);
  return { registry, read: () => registry.getMetricsAsJSON() };
}

function measureRequests(server: Server, registry: Registry): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  server.addHook('onResponse', (request, reply, done) => {
    // The route's template: a path as it came would make a series for each id. Nor is a method
    // that no route has worth one.
    const route = request.routeOptions.url ?? 'none';
    const method = route === 'none' ? 'any' : request.method;
    durations.observe({ method, route, status: reply.raw.statusCode }, reply.elapsedTime / 1000);
    done();
  });
}

function measureConnections({ pool, pipelined }: Database, registry: Registry): void {
  const sum = (count: 'totalCount' | 'idleCount' | 'waitingCount') => pool[count] + pipelined[count];
  new Gauge({
    name: 'database_connections',
    help: 'Connections to PostgreSQL, by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'in_use' }, sum('totalCount') - sum('idleCount'));
      this.set({ state: 'idle' }, sum('idleCount'));
    },
  });
  new Gauge({
    name: 'database_connections_waited_for',
    help: 'What waits for a connection to PostgreSQL: requests, and batches of sign-ins.',
    registers: [registry],
    collect() {
      this.set(sum('waitingCount'));
    },
  });
}
