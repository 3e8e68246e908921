// How Graph's clients write some addresses, and how they are written here: functions with parentheses
// and by their namespace; members with a capital; types with half of their namespace; groups as the type of what one is a member of,
// which they all are.
const WRITTEN: readonly (readonly [RegExp, string])[] = [
  [/(?<=^\/v1\.0\/(users|groups))\/(microsoft\.graph\.)?delta(\(\))?(?=\?|$)/, '/delta'],
  [/(?<=^\/v1\.0\/groups\/[^/?]+)\/Members(?=\/|\?|$)/, '/members'],
  [/(?<=^\/v1\.0\/[^?]*\/memberOf)\/(microsoft\.)?graph\.group(?=\/|\?|$)/, ''],
  [/(?<=^\/v1\.0\/[^?]*\/(memberOf|members))\/graph\.(?=\w)/, '/microsoft.graph.'],
];

/** The address of a request as routes know it. */
export function knownAddress(url: string): string {
  return WRITTEN.reduce((address, [written, known]) => address.replace(written, known), url);
}
