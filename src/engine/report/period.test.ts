import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refused } from '../refused.ts';
import { periodOf } from './period.ts';

const NOW = new Date('2026-03-29T12:34:56.789Z');
const HOUR_MS = 3_600_000;

describe('the period of a report', () => {
  for (const [name, days] of [
    ['D1', 1],
    ['D7', 7],
    ['D30', 30],
    ['D90', 90],
  ] as const) {
    it(`${name} begins ${days} × 24 hours before now, to the millisecond, and has no end`, () => {
      const { from, to } = periodOf({ period: name }, NOW);
      assert.equal(from.getTime(), NOW.getTime() - days * 24 * HOUR_MS);
      assert.equal(to, null);
    });
  }

  it('is D90 where nothing is said', () => {
    assert.deepEqual(periodOf({}, NOW), periodOf({ period: 'D90' }, NOW));
  });

  for (const [text, moment] of [
    ['2026-01-31T00:00:00Z', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T00:00Z', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31t01:02:03.4z', '2026-01-31T01:02:03.400Z'],
    ['2026-01-31T01:00:00+14:00', '2026-01-30T11:00:00.000Z'],
    ['2024-02-29T23:59:59.999-12:00', '2024-03-01T11:59:59.999Z'],
    // Claims have milliseconds: none is between one and the next, so a finer bound is the next one.
    ['2026-01-31T00:00:00.0005Z', '2026-01-31T00:00:00.001Z'],
    ['2026-01-31T00:00:00.999000001Z', '2026-01-31T00:00:01.000Z'],
    ['2026-01-31T00:00:00.123000000Z', '2026-01-31T00:00:00.123Z'],
    ['0001-01-02T00:00:00Z', '0001-01-02T00:00:00.000Z'],
  ] as const) {
    it(`takes ${text} as ${moment}`, () => {
      assert.equal(periodOf({ from: text }, NOW).from.toISOString(), moment);
      assert.equal(periodOf({ from: '0001-01-01T00:00:00Z', to: text }, NOW).to?.toISOString(), moment);
    });
  }

  for (const text of [
    '',
    'yesterday',
    '2026-01-31',
    '2026-01-31T00:00:00',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T00:60:00Z',
    '2026-06-30T23:59:60Z',
    '2026-01-31T00:00:00+24:00',
    '2026-01-31T00:00:00 02:00',
    '2026-01-31 00:00:00Z',
    '+002026-01-31T00:00:00Z',
    '1769817600000',
  ]) {
    it(`refuses "${text}" as from and as to, naming it`, () => {
      assert.throws(() => periodOf({ from: text }, NOW), refused('from'));
      assert.throws(() => periodOf({ from: '2020-01-01T00:00:00Z', to: text }, NOW), refused('to'));
    });
  }

  for (const period of ['', 'D0', 'D2', 'd7', 'D90 ', '7', 'constructor', 'toString', '__proto__']) {
    it(`refuses the period "${period}", naming those there are`, () => {
      assert.throws(() => periodOf({ period }, NOW), refused('period', /D1, D7, D30, D90/));
    });
  }

  it('refuses a period beside from or to, a to alone, and one that is before from', () => {
    const [from, to] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
    assert.throws(() => periodOf({ period: 'D7', from }, NOW), refused('period'));
    assert.throws(() => periodOf({ period: 'D7', to }, NOW), refused('period'));
    assert.throws(() => periodOf({ to }, NOW), refused('from'));
    assert.throws(() => periodOf({ from: to, to: from }, NOW), refused('to'));
    assert.deepEqual(periodOf({ from, to: from }, NOW), { from: new Date(from), to: new Date(from) });
  });
});

function refused(target: string, text = /./) {
  return (error: unknown) => error instanceof Refused && error.target === target && text.test(error.message);
}
