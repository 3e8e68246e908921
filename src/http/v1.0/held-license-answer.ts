import type { OwnLicense } from '../../engine/license/own-licenses.ts';

/** A product that somebody holds, with every path of it, as it is answered. */
export function heldLicenseAnswer({ assignedAt, paths, servicePlans, apps, ...license }: OwnLicense) {
  return {
    ...license,
    assignedDateTime: assignedAt.toISOString(),
    paths: paths.map((path) => ({ ...path, throughGroups: [...path.throughGroups] })),
    servicePlans: [...servicePlans],
    apps: [...apps],
  };
}
