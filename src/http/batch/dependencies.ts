import type { BatchedRequest } from '../../../contract/batch.ts';
import { badRequest } from '../errors.ts';

type Named = Pick<BatchedRequest, 'id' | 'dependsOn'>;

/** As Graph: ids differ by more than the case of their letters. */
const keyOf = (id: string) => id.toLowerCase();

/**
 * Which requests each request waits for, by their place in the list.
 * @throws ApiError 400 that names an id that is there twice, one that isn't there, or a circle
 */
export function dependenciesOf(requests: readonly Named[]): readonly (readonly number[])[] {
  const places = new Map<string, number>();
  requests.forEach(({ id }, place) => {
    if (places.has(keyOf(id))) throw badRequest(`requests[${place}].id: ${id} is the id of another request, too.`);
    places.set(keyOf(id), place);
  });
  const dependencies = requests.map(({ dependsOn }, place) =>
    dependsOn.map((id, index) => {
      const found = places.get(keyOf(id));
      if (found === undefined)
        throw badRequest(`requests[${place}].dependsOn[${index}]: there is no request with the id ${id}.`);
      return found;
    }),
  );
  refuseCircles(requests, dependencies);
  return dependencies;
}

/** Takes away, round by round, what waits for nothing that is left: what can't be taken away waits for itself. */
function refuseCircles(requests: readonly Named[], dependencies: readonly (readonly number[])[]): void {
  const left = new Set(requests.keys());
  for (let isShrinking = true; isShrinking;) {
    const free = [...left].filter((place) => !dependencies[place]!.some((other) => left.has(other)));
    for (const place of free) left.delete(place);
    isShrinking = free.length > 0;
  }
  const [place] = left;
  if (place === undefined) return;
  throw badRequest(`requests[${place}].dependsOn: ${requests[place]!.id} would wait for itself.`);
}
