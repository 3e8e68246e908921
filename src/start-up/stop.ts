/**
 * One Ctrl-C arrives several times: from the terminal, from npm and from the launcher, each of
 * which passes it on. Only what comes later is a second one.
 */
const ECHO_MS = 500;

/**
 * Ends the process in order on SIGINT, SIGTERM or SIGHUP; a second signal ends it at once.
 * @param stop closes everything
 */
export function stopOnSignals(stop: () => Promise<void>, say: (text: string) => void): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      say(`Stopping (${signal}) …`);
      stop().then(
        () => process.exit(0),
        (error: Error) => {
          say(`The stop failed: ${error.message}`);
          process.exit(1);
        },
      );
    } else if (performance.now() - firstAt > ECHO_MS) {
      say('Stopped at once, at your second signal.');
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}
