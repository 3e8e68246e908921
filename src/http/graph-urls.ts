/** Where clients write anything in another way; all other requests have nothing to run through. */
const WRITTEN_OTHERWISE = /^\/v1\.0\/(users|groups|me)\//;

// How Graph's clients write some addresses, and how they are written here: functions with parentheses and by their
// namespace; members with a capital; types with half of their namespace; groups as the type of what one is a member of,
// which they all are.
const WRITTEN: readonly (readonly [RegExp, string])[] = [
  [/^(\/v1\.0\/(?:users|groups))\/(?:microsoft\.graph\.)?delta(?:\(\))?(?=\?|$)/, '$1/delta'],
  [/^(\/v1\.0\/groups\/[^/?]+)\/Members(?=[/?]|$)/, '$1/members'],
  [/^(\/v1\.0\/[^?]*\/memberOf)\/(?:microsoft\.)?graph\.group(?=[/?]|$)/, '$1'],
  [/^(\/v1\.0\/[^?]*\/(?:memberOf|members))\/graph\.(?=\w)/, '$1/microsoft.graph.'],
];

/** The address of a request as routes know it. */
export function knownAddress(url: string): string {
  if (!WRITTEN_OTHERWISE.test(url)) return url;
  return WRITTEN.reduce((address, [written, known]) => address.replace(written, known), url);
}
