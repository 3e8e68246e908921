import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure } from './failure.ts';

/** Where one is signed in, and as whom. */
export interface Profile {
  /** The server's address, without a slash at the end. */
  readonly url: string;
  /** The tenant's id. */
  readonly tenant: string;
  readonly clientId: string;
  /** Of an app that calls by itself. */
  readonly clientSecret?: string;
  /** A person who signed in in a browser. */
  readonly person?: PersonTokens;
}

/** What a person's sign-in gave. */
export interface PersonTokens {
  readonly userPrincipalName: string;
  readonly accessToken: string;
  /** Until when that is good, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Good once: who uses one a second time ends all that came of the sign-in. */
  readonly refreshToken: string;
}

interface Kept {
  /** The profile that counts unless another is named. */
  readonly current: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

const NOTHING: Kept = { current: 'default', profiles: {} };
/** Renewing takes as long as one request. */
const LOCK_STALE_MS = 30_000;
const NAME = /^[\w.-]{1,64}$/;

/**
 * The profiles of this user of the machine, in one file that nobody else may read: it holds secrets,
 * as those of other command lines do.
 */
export class Profiles {
  readonly #folder: string;
  readonly path: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'profiles.json');
  }

  /** The names there are, and which one counts. */
  list(): { current: string; names: string[] } {
    const { current, profiles } = this.#read();
    return { current, names: Object.keys(profiles).toSorted() };
  }

  find(name = this.#read().current): (Profile & { readonly name: string }) | undefined {
    const profile = this.#read().profiles[name];
    return profile && { ...profile, name };
  }

  /** Keeps a profile, which counts from now on. */
  keep(name: string, profile: Profile): void {
    if (!NAME.test(name)) {
      throw new CommandFailure(
        `A profile's name has letters, digits, dots, hyphens and underscores, unlike "${name}".`,
      );
    }
    this.#write({ current: name, profiles: { ...this.#read().profiles, [name]: profile } });
  }

  /**
   * Renews a person's tokens, one command after the other: a refresh token is good once.
   * @param renew is given what is kept now, which another command may have renewed meanwhile
   */
  async renew(name: string, renew: (kept: PersonTokens) => Promise<PersonTokens>): Promise<PersonTokens | undefined> {
    const unlock = await this.#lock();
    try {
      const profile = this.#read().profiles[name];
      if (!profile?.person) return undefined;
      const person = await renew(profile.person);
      if (person !== profile.person) {
        const kept = this.#read();
        this.#write({ ...kept, profiles: { ...kept.profiles, [name]: { ...profile, person } } });
      }
      return person;
    } finally {
      unlock();
    }
  }

  /** Waits until no other command renews; one that died is not waited for. */
  async #lock(): Promise<() => void> {
    const path = `${this.path}.lock`;
    for (;;) {
      try {
        closeSync(openSync(path, 'wx', 0o600));
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
      if (Date.now() - mtimeMs > LOCK_STALE_MS) rmSync(path, { force: true });
      else await sleep(50);
    }
  }

  forget(name: string): void {
    const { current, profiles } = this.#read();
    const { [name]: _gone, ...rest } = profiles;
    this.#write({ current: current === name ? (Object.keys(rest)[0] ?? 'default') : current, profiles: rest });
  }

  #read(): Kept {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
      if ((statSync(this.path).mode & 0o077) !== 0) {
        throw new CommandFailure(
          `${this.path} holds secrets and others may read it. Make it yours alone: chmod 600 ${this.path}`,
        );
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
      throw error;
    }
    try {
      const { current, profiles } = JSON.parse(text) as Kept;
      if (typeof current === 'string' && typeof profiles === 'object') return { current, profiles };
    } catch {
      // Told below.
    }
    throw new CommandFailure(`${this.path} is not what autoclaim writes. Delete it and sign in again: autoclaim login`);
  }

  /** Whole or not at all: whoever reads meanwhile gets the old or the new. */
  #write(kept: Kept): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${this.path}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, this.path);
  }
}
