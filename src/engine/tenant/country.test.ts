import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCountry } from './country.ts';

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

describe('a country', () => {
  it('is one of the 249 of ISO 3166-1, or Kosovo', () => {
    const countries = LETTERS.flatMap((one) => LETTERS.map((other) => one + other)).filter(isCountry);
    assert.equal(countries.length, 250);
    for (const code of ['US', 'DE', 'GB', 'AQ', 'BQ', 'SS', 'TW', 'UM', 'XK']) assert.ok(isCountry(code), code);
  });

  it('is none that was, that is a part or a union of some, or that is only written like one', () => {
    for (const code of [
      'AN',
      'SU',
      'YU',
      'UK',
      'DD',
      'EU',
      'UN',
      'IC',
      'ZZ',
      'XA',
      'us',
      'U',
      'USA',
      '',
      'U1',
      '001',
    ]) {
      assert.equal(isCountry(code), false, code);
    }
  });
});
