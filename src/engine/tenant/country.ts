const REGION_NAMES = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

// Codes that Unicode names and ISO 3166-1 doesn't have: parts of countries, unions, test regions.
const NOT_COUNTRIES = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ']);

/**
 * Whether two capital letters are a country that people can be in: ISO 3166-1 alpha-2, and XK
 * (Kosovo), as Microsoft's usage locations have them. Withdrawn codes (AN, SU, YU, UK) are not.
 */
export function isCountry(code: string): boolean {
  return (
    /^[A-Z]{2}$/.test(code) &&
    REGION_NAMES.of(code) !== undefined &&
    !NOT_COUNTRIES.has(code) &&
    // A withdrawn code has become another's alias.
    new Intl.Locale(`und-${code}`).region === code
  );
}
