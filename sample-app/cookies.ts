/** A sign-in that has begun: what its answer must fit. */
export interface BegunSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** How long somebody may take to sign in. */
const BEGUN_SECONDS = 15 * 60;
const NAMES = { begun: 'sample_app_sign_in', idToken: 'sample_app_id_token' } as const;

/**
 * The app keeps nothing on its side: so it goes on after a restart, and any process of several can answer.
 * Scripts and other sites get neither cookie.
 */
export class Cookies {
  readonly #attributes: string;

  /** @param address where the app is, such as http://localhost:8365/sample-app */
  constructor(address: string) {
    const { pathname, protocol } = new URL(address);
    this.#attributes = `Path=${pathname}; HttpOnly; SameSite=Lax${protocol === 'https:' ? '; Secure' : ''}`;
  }

  begun(request: Request): BegunSignIn | undefined {
    const [state, nonce, verifier] = (cookieOf(request, NAMES.begun) ?? '').split('.');
    return state && nonce && verifier ? { state, nonce, verifier } : undefined;
  }

  idToken(request: Request): string | undefined {
    return cookieOf(request, NAMES.idToken);
  }

  /** All three are base64url, which has no dot. */
  setBegun({ state, nonce, verifier }: BegunSignIn): string {
    return `${NAMES.begun}=${state}.${nonce}.${verifier}; Max-Age=${BEGUN_SECONDS}; ${this.#attributes}`;
  }

  setIdToken(idToken: string): string {
    return `${NAMES.idToken}=${idToken}; ${this.#attributes}`;
  }

  clear(name: keyof typeof NAMES): string {
    return `${NAMES[name]}=; Max-Age=0; ${this.#attributes}`;
  }
}

function cookieOf(request: Request, name: string): string | undefined {
  return request.headers
    .get('cookie')
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
