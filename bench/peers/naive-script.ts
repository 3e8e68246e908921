import { FIRST_NUMBER, idSql, personAtExpression } from '../people.ts';
import { NAIVE_STEPS } from './naive-transaction.ts';

/**
 * The naive claim as a script for pgbench. Variables to define: tenant, sku, app, policy, and
 * stride, the people that each of its clients has for itself.
 */
export function naiveScript(people: number): string {
  const { lock, check, ...writes } = NAIVE_STEPS;
  return [
    '\\set turn :turn + 1',
    `\\set number ${FIRST_NUMBER} + ${personAtExpression(':client_id * :stride + :turn', people)}`,
    'begin;',
    // A parameter has one type in pgbench, so ids come from the server, along with the first step.
    `${lock.replace(' from pools', `, ${idSql(':number')} as person, gen_random_uuid() as claim, 'person' || :number::text as name from pools`)} \\gset`,
    `${check} \\gset`,
    ...Object.values(writes).map((statement) => `${statement};`),
    'commit;',
    '',
  ]
    .join('\n')
    .replaceAll(/\n +/g, ' ');
}
