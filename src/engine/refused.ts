/**
 * The engine doesn't do what was asked, for a reason that the asker can act on. Thrown, so that
 * the transaction around it rolls back; the doors turn it into their own answer.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly kind: 'invalid' | 'duplicate' | 'notFound' | 'stale' | 'forbidden' | 'reused';
  /** The field or thing that the reason is about, where there is one. */
  readonly target: string | undefined;

  constructor(kind: Refused['kind'], message: string, target?: string) {
    super(message);
    this.kind = kind;
    this.target = target;
  }
}

/** A value that can't be: the message names the field and says why. */
export function invalid(target: string, reason: string): Refused {
  return new Refused('invalid', `${target}: ${reason}`, target);
}

/** Graph's text for a thing that isn't there, or isn't the asker's. */
export function notFound(id: string): Refused {
  return new Refused(
    'notFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** Graph's text for a value that must be unique and is taken. */
export function duplicate(property: string): Refused {
  return new Refused(
    'duplicate',
    `Another object with the same value for property ${property} already exists.`,
    property,
  );
}
