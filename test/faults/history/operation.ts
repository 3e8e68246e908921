// A history: what clients asked of Autoclaim and what they were told, on one monotonic clock.

/** What was asked for. Products stand for themselves: no plan of them is left out. */
export type Request =
  | {
      readonly do: 'sign in';
      readonly appId: string;
      readonly userId: string;
      readonly correlationId: string | null;
    }
  | {
      readonly do: 'assign';
      readonly userId: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  | { readonly do: 'buy'; readonly skuId: string; readonly totalLicenses: number }
  | { readonly do: 'set quantity'; readonly subscriptionId: string; readonly totalLicenses: number }
  | { readonly do: 'turn switch'; readonly isEnabled: boolean }
  | ({ readonly do: 'add policy'; readonly appId: string } & PolicyContent)
  | ({ readonly do: 'change policy'; readonly policyId: string } & Partial<PolicyContent>)
  | { readonly do: 'delete policy'; readonly policyId: string }
  | { readonly do: 'reorder'; readonly policyIds: readonly string[] }
  | { readonly do: 'delete user'; readonly userId: string }
  | {
      readonly do: 'read report';
      /** RFC 3339, UTC. */
      readonly from: string;
      readonly to: string | null;
      readonly form: 'rows' | 'csv' | 'summary';
      /** Nothing else was under way, and what refusals had been told had had the time to reach the log. */
      readonly isQuiet: boolean;
    }
  /** Any other read: its answer is looked through for what is another tenant's. */
  | { readonly do: 'read'; readonly path: string };

export interface PolicyContent {
  readonly isEnabled: boolean;
  /** skuIds, in order. */
  readonly products: readonly string[];
  /** Empty: everyone. */
  readonly includeGroups: readonly string[];
}

/** One operation of one client. */
export interface Operation {
  /** Of no other in the history. */
  readonly number: number;
  readonly tenantId: string;
  /** Who asked: a correlationId is this client's own. */
  readonly clientId: string;
  readonly request: Request;
  /** Milliseconds of the history's clock. */
  readonly invokedAt: number;
  /** Of an unknown outcome: when it can't take effect any more; Infinity where nobody knows. */
  returnedAt: number;
  /**
   * ok: it was done (of a sign-in: licensed or claimed). refused: a decision `refused`, a 4xx, or
   * nobody listened; it changed nothing. unknown: no answer, or a 5xx; it may have been done.
   */
  readonly outcome: 'ok' | 'refused' | 'unknown';
  readonly status: number | null;
  /** As it was answered, parsed where it is JSON. Of report rows: all pages' together. */
  readonly answer: any;
  /** The answer's request-id. */
  readonly requestId: string | null;
}

/** An operation that asked for this. */
export type OperationThat<Do extends Request['do']> = Operation & { readonly request: Extract<Request, { do: Do }> };

export function isA<Do extends Request['do']>(operation: Operation, kind: Do): operation is OperationThat<Do> {
  return operation.request.do === kind;
}

/** All operations that asked for this. */
export function all<Do extends Request['do']>(operations: readonly Operation[], kind: Do): OperationThat<Do>[] {
  return operations.filter((operation) => isA(operation, kind));
}
