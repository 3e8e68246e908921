import { licenseOf, type License, type Organisation, type Path } from './organisation.ts';

/** Gives a path; with it a seat where there is none yet. A path of the same source is replaced. */
export function givePath(organisation: Organisation, userId: string, skuId: string, path: Path): void {
  let license = licenseOf(organisation, userId, skuId);
  if (!license) {
    license = { userId, skuId, since: organisation.now, paths: [] };
    organisation.licenses.push(license);
  }
  license.paths = [...license.paths.filter((one) => sourceOf(one) !== sourceOf(path)), path];
}

/** Ends the paths that are meant; a license without any path ends. */
export function endPaths(organisation: Organisation, isMeant: (license: License, path: Path) => boolean): void {
  for (const license of organisation.licenses) {
    license.paths = license.paths.filter((path) => !isMeant(license, path));
  }
  organisation.licenses = organisation.licenses.filter(({ paths }) => paths.length > 0);
}

/** What tells a user's paths to one product apart: there is one direct path, one for each group, one for each app. */
export function sourceOf(path: Path): string {
  switch (path.kind) {
    case 'direct':
      return 'direct';
    case 'group':
      return `group ${path.groupId}`;
    case 'policy':
      return `app ${path.appId}`;
  }
}

export function deletePerson(organisation: Organisation, userId: string): void {
  for (const person of organisation.people) if (person.id === userId) person.isDeleted = true;
  for (const members of organisation.groups.values()) members.delete(userId);
  endPaths(organisation, (license) => license.userId === userId);
  organisation.groupErrors = organisation.groupErrors.filter((one) => one.userId !== userId);
}
