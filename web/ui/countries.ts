const NAMES = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'none' });
const LETTERS = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
/** Regions that have a name and are no countries; the API refuses them. */
const NOT_COUNTRIES = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ']);

export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  /** In the person's language. */
  readonly name: string;
}

let known: readonly Country[] | undefined;

/** Every country, in the order of their names in the person's language; as the API knows them, by what the browser knows. */
export function countries(): readonly Country[] {
  known ??= LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
    // A withdrawn code has become another's alias.
    .filter((code) => !NOT_COUNTRIES.has(code) && new Intl.Locale(`und-${code}`).region === code)
    .map((code) => ({ code, name: NAMES.of(code) ?? '' }))
    .filter(({ name }) => name !== '')
    .sort((a, b) => a.name.localeCompare(b.name));
  return known;
}

/** A country's name; its code where the browser has no name for it, and '' for none. */
export function countryName(code: string): string {
  return countries().find((country) => country.code === code)?.name ?? code;
}

/** Who types a code means that country; else those in whose name it stands, at a word's beginning first. */
export function matchingCountries(typed: string): readonly Country[] {
  const text = plain(typed);
  const byCode = countries().find(({ code }) => code.toLowerCase() === text);
  if (byCode) return [byCode];
  const found = countries().filter(({ name }) => plain(name).includes(text));
  const begins = ({ name }: Country) => ` ${plain(name)}`.includes(` ${text}`);
  return [...found.filter(begins), ...found.filter((country) => !begins(country))];
}

/** The country whose name or code was typed, whole. */
export function countryTyped(typed: string): Country | undefined {
  const text = plain(typed);
  return countries().find(({ code, name }) => code.toLowerCase() === text || plain(name) === text);
}

/** Without case, accents and spaces around it: "osterr" finds Österreich. */
function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
