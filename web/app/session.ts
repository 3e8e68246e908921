import { ApiFailure, reach, type Api, type CallOptions, type FailureDetail } from '../ui/api.ts';
import { finishSignIn, goToSignIn, isOfSamePerson, signInSilently, type Token } from './openid.ts';

/** A signed-in person: their token, renewed as needed, and the API with it. */
export class Session {
  #token: Token;
  #renewing: Promise<Token | undefined> | undefined;
  #whenOver: ((isChange: boolean) => void) | undefined;

  private constructor(token: Token) {
    this.#token = token;
  }

  /** Finishes a sign-in, or goes on with the session that is there, or leaves for the sign-in page. */
  static async begin(): Promise<{ session: Session; returnTo: string | undefined }> {
    const finished = await finishSignIn();
    const token = finished?.token ?? (await signInSilently()) ?? (await goToSignIn());
    return { session: new Session(token), returnTo: finished?.returnTo };
  }

  get token(): Token {
    return this.#token;
  }

  readonly api: Api = {
    get: (path, signal) => this.#call('GET', path, { signal }),
    send: (method, path, options) => this.#call(method, path, options),
    fetch: (path, init) => this.#fetch(path, init),
  };

  async #call<T>(method: string, path: string, { body, etag, headers, signal }: CallOptions = {}): Promise<T> {
    const response = await this.#fetch(path, {
      method,
      signal,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(etag && { 'if-match': etag }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetchWith(await this.#freshToken(), path, init);
      // The token may have ended before its time (the account was blocked, a role taken): ask once more.
      if (response.status === 401) response = await this.#fetchWith(await this.#renew(), path, init);
    } catch (error) {
      this.#tellIfOver(error, init.method !== undefined && init.method !== 'GET');
      throw error;
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  #fetchWith(token: Token, path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token.accessToken}`);
    // A next page's link is absolute; it is always on this server.
    return reach(path.startsWith('http') ? new URL(path).pathname + new URL(path).search : path, { ...init, headers });
  }

  async #freshToken(): Promise<Token> {
    return performance.now() < this.#token.renewAt ? this.#token : this.#renew();
  }

  #renew(): Promise<Token> {
    this.#renewing ??= signInSilently()
      .then((token) => {
        // Somebody else may have signed in here meanwhile: what is shown is not theirs.
        if (token && isOfSamePerson(token, this.#token)) return (this.#token = token);
        // Nothing is shown yet, so nothing is lost.
        return this.#whenOver ? undefined : goToSignIn();
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing.then((token) => {
      if (token) return token;
      throw new ApiFailure(401, 'SessionOver', 'Sign in again, here or in another tab, then try again.', undefined);
    });
  }

  #tellIfOver(error: unknown, isChange: boolean): void {
    if (error instanceof ApiFailure && error.code === 'SessionOver') this.#whenOver?.(isChange);
  }

  /**
   * Who tells the person, instead of leaving for the sign-in page, that a call found the session to be over.
   * @returns lets it be again
   */
  onOver(tell: (isChange: boolean) => void): () => void {
    this.#whenOver = tell;
    return () => (this.#whenOver = undefined);
  }

  /** Goes on with a session of the same person that is there again (of another tab). @returns whether there is one */
  async resume(): Promise<boolean> {
    try {
      await this.#renew();
      return true;
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'SessionOver') return false;
      throw error;
    }
  }
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const requestId = response.headers.get('request-id') ?? undefined;
  try {
    const { error } = (await response.json()) as {
      error: { code: string; message: string; details?: FailureDetail[] };
    };
    return new ApiFailure(response.status, error.code, error.message, requestId, error.details);
  } catch {
    return new ApiFailure(response.status, 'Unknown', `The server answered ${response.status}.`, requestId);
  }
}
