/** How many of a batch's requests are under way at once: a batch is one client, beside others. */
const AT_ONCE = 4;

/**
 * Carries requests out, each after those that it waits for, a few at once.
 * @param dependencies by place in the list, without circles (dependencies.ts)
 * @param ask does one; must not fail
 * @param refuse what stands for one that waited for what failed
 * @returns the answers in the order of the requests
 */
export async function carryOut<Request, Answer>(
  requests: readonly Request[],
  dependencies: readonly (readonly number[])[],
  ask: (request: Request) => Promise<Answer>,
  hasFailed: (answer: Answer) => boolean,
  refuse: (request: Request) => Answer,
): Promise<Answer[]> {
  const slots = slotsOf(AT_ONCE);
  const answers = new Map<number, Promise<Answer>>();
  // Each begins only after all are known to the others: whoever is waited for may stand behind.
  const { promise: isReady, resolve: begin } = Promise.withResolvers<undefined>();
  requests.forEach((request, place) => {
    answers.set(
      place,
      isReady.then(async () => {
        const before = await Promise.all(dependencies[place]!.map((other) => answers.get(other)!));
        return before.some(hasFailed) ? refuse(request) : slots(() => ask(request));
      }),
    );
  });
  begin(undefined);
  return Promise.all(answers.values());
}

/** Runs what it is given, at most so many at once. */
function slotsOf(count: number) {
  let free = count;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      // The slot goes straight to whoever waits.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
