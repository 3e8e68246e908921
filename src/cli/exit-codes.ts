// How a command ends, for scripts. docs/operations.md has the table.

/** It failed or was refused; stderr says why. Nothing is half done. */
export const EXIT_FAILED = 1;
/** The arguments are not understood. */
export const EXIT_USAGE = 2;
/** Interrupted by SIGINT or SIGTERM, as shells count it. */
export const EXIT_INTERRUPTED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
