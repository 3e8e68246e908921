import { use, type ComponentType, type FunctionComponent } from 'react';
import { reach, ServerUnreachable } from './api.ts';

/** A part of the app that couldn't be loaded although the server is there: mostly it has been upgraded. */
export class PartNotLoaded extends Error {
  override readonly name = 'PartNotLoaded';

  constructor(cause: unknown) {
    super('A part of the admin center couldn’t be loaded. Perhaps Autoclaim has been upgraded meanwhile.', { cause });
  }
}

/** A component that is loaded when it is needed first, and can be loaded ahead. */
export type LazyPart<Properties = object> = FunctionComponent<Properties> & { readonly preload: () => Promise<void> };

/** A load that has failed stays so for whoever draws it, until it is tried anew. */
const failed = new Set<() => void>();

/**
 * Unlike React's lazy it can be tried anew, and unlike the router's it doesn't load the page again
 * by itself, which with the server down would leave the person with the browser's error page.
 * Draw it within an error boundary. It throws ServerUnreachable or PartNotLoaded.
 */
export function lazyPart<Properties extends object>(
  load: () => Promise<ComponentType<Properties>>,
): LazyPart<Properties> {
  let loading: Promise<ComponentType<Properties>> | undefined;
  let loaded: ComponentType<Properties> | undefined;
  const forget = () => {
    loading = undefined;
    failed.delete(forget);
  };
  const begin = () => {
    if (!loading) {
      loading = load().then((component) => (loaded = component));
      loading = loading.catch(async (error: unknown) => {
        failed.add(forget);
        throw await reasonOf(error);
      });
      // Whoever draws it is told.
      loading.catch(() => undefined);
    }
    return loading;
  };
  function Part(properties: Properties) {
    // What is there is drawn at once. React, told to wait for it, would first draw what stands in its
    // place, and by its own rule leave that for 300 ms.
    const Loaded = loaded ?? use(begin());
    return <Loaded {...properties} />;
  }
  return Object.assign(Part, {
    preload: async () => {
      if (failed.has(forget)) forget();
      await begin().catch(() => undefined);
    },
  });
}

/** Before a boundary draws again: whatever couldn't be loaded is tried anew. */
export function forgetFailedParts(): void {
  for (const forget of [...failed]) forget();
}

async function reasonOf(error: unknown): Promise<Error> {
  try {
    // By a proxy's answer for a server that is down it isn't there either.
    const { ok } = await reach('/healthz', { cache: 'no-store' });
    return ok ? new PartNotLoaded(error) : new ServerUnreachable(error);
  } catch {
    return new ServerUnreachable(error);
  }
}
