/** As long as a sign-in page may stand open. */
const BEGUN_SECONDS = 3600;

/** The cookies of an app at one of its origins: no other host gets them, and no script reads them. */
export interface AppCookies {
  /** The session at the app. */
  readonly session: string;
  /** What the browser has that began a sign-in: what comes back is for it alone. */
  readonly browser: string;
  sessionText(value: string): string;
  browserText(value: string): string;
  endedText(): string;
}

/** By app, so that several may share a host. By https no other host below the same domain can plant one (__Host-). */
export function cookiesOf(appId: string, origin: string): AppCookies {
  const isHttps = origin.startsWith('https:');
  const name = (what: string) => `${isHttps ? '__Host-' : ''}autoclaim_${what}_${appId.replaceAll('-', '')}`;
  // Lax: they have to come with the redirect from the sign-in.
  const more = `; Path=/; HttpOnly; SameSite=Lax${isHttps ? '; Secure' : ''}`;
  const [session, browser] = [name('app'), name('begun')];
  return {
    session,
    browser,
    // Without an age: it ends with the browser, as the one at Autoclaim does.
    sessionText: (value) => `${session}=${value}${more}`,
    browserText: (value) => `${browser}=${value}; Max-Age=${BEGUN_SECONDS}${more}`,
    endedText: () => `${session}=; Max-Age=0${more}`,
  };
}
