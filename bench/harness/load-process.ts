import autocannon from 'autocannon';
import { nameOf, personAt } from '../people.ts';
import type { LoadOrder } from './load.ts';

// Run by load.ts: sends sign-ins as its one argument says and writes the result to stdout.

const { url, token, appId, connections, seconds, people, first = 0, again } = JSON.parse(process.argv[2]!) as LoadOrder;

let sent = first;
function nextPerson(): number {
  return personAt(again === undefined ? sent++ : Math.floor(Math.random() * again), people);
}

const result = await autocannon({
  url: `${url}/v1.0/signIns`,
  method: 'POST',
  connections,
  duration: seconds,
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  requests: [
    {
      setupRequest: (request) => ({
        ...request,
        body: `{"appId":"${appId}","userPrincipalName":"${nameOf(nextPerson())}"}`,
      }),
    },
  ],
});
const answered = result['2xx'];
const { errors, non2xx, statusCodeStats } = result;
const isWhole = errors === 0 && non2xx === 0 && answered > 0;
process.stdout.write(
  JSON.stringify({
    answered,
    perSecond: answered / result.duration,
    latencyMs: { median: result.latency.p50, p99: result.latency.p99, highest: result.latency.max },
    fault: !isWhole ? { errors, statusCodeStats } : sent > people ? 'There are too few people for this machine.' : null,
  }),
);
