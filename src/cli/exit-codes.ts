// How a command ends, for scripts. docs/command-line.md has the table; a test keeps the two the same.

/** It failed or was refused; stderr says why. Nothing is half done. */
export const EXIT_FAILED = 1;
/** The arguments are not understood. */
export const EXIT_USAGE = 2;
/** Nobody is signed in, or the server takes the credentials no more. */
export const EXIT_NOT_SIGNED_IN = 3;
/** Whoever is signed in may not do this. */
export const EXIT_FORBIDDEN = 4;
/** There is nothing of the name or id, or more than one thing. */
export const EXIT_NOT_FOUND = 5;
/** The server can't be reached, or can't answer now: the same again later may work. */
export const EXIT_UNAVAILABLE = 6;
/** `plan --exit-code`: the organisation is not as the file has it. */
export const EXIT_DRIFT = 10;
/** Interrupted by SIGINT or SIGTERM, as shells count it. */
export const EXIT_INTERRUPTED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
