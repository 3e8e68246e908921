import { badRequest } from '../errors.ts';

const GUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const REFERENCE = new RegExp(`(?:^|/)(?:directoryObjects|users|groups)(?:/(${GUID})|\\('(${GUID})'\\))/?$`);

/**
 * The ids that links name: …/directoryObjects/{id}, …/users/{id}, …/groups/{id}. What stands
 * before is not looked at: clients keep writing graph.microsoft.com there.
 * @throws ApiError 400
 */
export function referencedIds(property: string, links: readonly string[]): string[] {
  return links.map((link, index) => {
    const found = REFERENCE.exec(link);
    if (found) return (found[1] ?? found[2])!.toLowerCase();
    const where = links.length > 1 ? `${property}[${index}]` : property;
    throw badRequest(`${where} must be the address of a user or group: …/v1.0/directoryObjects/{id}.`);
  });
}
