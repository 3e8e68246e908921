import { filterError, tokenizeFilter, type Literal, type Token } from './filter-tokens.ts';

/** Parentheses, not and any() within each other: the parser's own stack is safe at this depth, and no person writes more. */
export const FILTER_DEPTH_MAX = 20;
/** Comparisons, and values of in lists: beyond this PostgreSQL's planning takes longer than its answer. */
export const FILTER_TERMS_MAX = 100;

export const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** A property as named in a filter. Inside any(x: …) the name is relative to x, and '' is x itself. */
export interface PropertyName {
  readonly name: string;
  readonly position: number;
}

/** A $filter, understood but not yet held against a resource. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] }
  | { readonly kind: 'not'; readonly term: Filter }
  | {
      readonly kind: 'compare';
      readonly property: PropertyName;
      readonly operator: Comparison;
      readonly value: Literal;
    }
  | { readonly kind: 'startswith'; readonly property: PropertyName; readonly value: Literal }
  | { readonly kind: 'in'; readonly property: PropertyName; readonly values: readonly Literal[] }
  | { readonly kind: 'any'; readonly property: PropertyName; readonly condition: Filter | undefined }
  | { readonly kind: 'count'; readonly property: PropertyName; readonly operator: Comparison; readonly value: Literal };

/**
 * Parses OData's filter language, as far as API.md names it: eq ne gt ge lt le, in, startswith,
 * and or not, parentheses, any() and /$count.
 * @throws ApiError 400 that says what isn't understood, and at which position
 */
export function parseFilter(text: string): Filter {
  return new FilterParser(tokenizeFilter(text)).parse();
}

/** The properties that a filter looks at. */
export function namesIn(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.terms.flatMap(namesIn);
    case 'not':
      return namesIn(filter.term);
    default:
      return [filter.property.name];
  }
}

class FilterParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #terms = 0;
  /** The x of the any(x: …) that is being read. */
  #variable: string | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Filter {
    const filter = this.#either();
    if (this.#next.kind !== 'end') throw this.#unexpected('and, or, or the end');
    return filter;
  }

  #either(): Filter {
    return this.#chain('or', () => this.#chain('and', () => this.#unary()));
  }

  #chain(kind: 'and' | 'or', operand: () => Filter): Filter {
    const terms = [operand()];
    while (this.#takeWord(kind)) terms.push(operand());
    return terms.length === 1 ? terms[0]! : { kind, terms };
  }

  #unary(): Filter {
    if (this.#takeWord('not')) return this.#deeper(() => ({ kind: 'not', term: this.#unary() }));
    if (this.#takeSign('(')) {
      return this.#deeper(() => {
        const inner = this.#either();
        this.#expectSign(')');
        return inner;
      });
    }
    return this.#comparison();
  }

  #comparison(): Filter {
    this.#countTerm();
    const name = this.#expectName();
    if (this.#takeSign('(')) return this.#call(name);
    if (this.#variable !== undefined) return this.#compare(this.#element(name));
    const property = { name: name.text, position: name.position };
    if (!this.#takeSign('/')) return this.#compare(property);
    const member = this.#expectName();
    if (member.text === '$count')
      return { kind: 'count', property, operator: this.#operator(), value: this.#literal() };
    if (isWord(member, 'any')) return this.#any(property);
    throw filterError(`expected any or $count after ${property.name}/, not ${told(member)}`, member.position);
  }

  /** Inside any(x: …) only x and its properties can be named. */
  #element(name: Token): PropertyName {
    if (name.text !== this.#variable) {
      throw filterError(`expected ${this.#variable} or ${this.#variable}/…, not ${told(name)}`, name.position);
    }
    if (!this.#takeSign('/')) return { name: '', position: name.position };
    const property = this.#expectName();
    return { name: property.text, position: property.position };
  }

  #compare(property: PropertyName): Filter {
    if (!this.#takeWord('in')) return { kind: 'compare', property, operator: this.#operator(), value: this.#literal() };
    this.#expectSign('(');
    const values = [this.#literal()];
    while (this.#takeSign(',')) {
      this.#countTerm();
      values.push(this.#literal());
    }
    this.#expectSign(')');
    return { kind: 'in', property, values };
  }

  #call(name: Token): Filter {
    if (!isWord(name, 'startswith')) throw filterError(`the function ${name.text} is not supported`, name.position);
    const subject = this.#expectName();
    const property =
      this.#variable === undefined ? { name: subject.text, position: subject.position } : this.#element(subject);
    this.#expectSign(',');
    const value = this.#literal();
    if (value.type !== 'string') throw filterError('startswith needs a text in quotes', value.position);
    this.#expectSign(')');
    return { kind: 'startswith', property, value };
  }

  #any(property: PropertyName): Filter {
    this.#expectSign('(');
    if (this.#takeSign(')')) return { kind: 'any', property, condition: undefined };
    const variable = this.#expectName();
    this.#expectSign(':');
    return this.#deeper(() => {
      this.#variable = variable.text;
      const condition = this.#either();
      this.#variable = undefined;
      this.#expectSign(')');
      return { kind: 'any', property, condition };
    });
  }

  #operator(): Comparison {
    const operator = COMPARISONS.find((word) => this.#takeWord(word));
    if (operator === undefined) throw this.#unexpected(`an operator (${COMPARISONS.join(', ')}, in)`);
    return operator;
  }

  #literal(): Literal {
    const token = this.#next;
    if (token.kind !== 'literal') throw this.#unexpected('a value');
    this.#at += 1;
    return token.literal;
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > FILTER_DEPTH_MAX) {
      throw filterError(`nested more than ${FILTER_DEPTH_MAX} levels deep`, this.#next.position);
    }
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #countTerm(): void {
    this.#terms += 1;
    if (this.#terms > FILTER_TERMS_MAX) {
      throw filterError(`more than ${FILTER_TERMS_MAX} comparisons`, this.#next.position);
    }
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #takeWord(word: string): boolean {
    const taken = isWord(this.#next, word);
    if (taken) this.#at += 1;
    return taken;
  }

  #takeSign(sign: string): boolean {
    const taken = this.#next.kind === 'sign' && this.#next.text === sign;
    if (taken) this.#at += 1;
    return taken;
  }

  #expectSign(sign: string): void {
    if (!this.#takeSign(sign)) throw this.#unexpected(sign);
  }

  #expectName(): Token {
    const token = this.#next;
    if (token.kind !== 'name') throw this.#unexpected('a property');
    this.#at += 1;
    return token;
  }

  #unexpected(expected: string): Error {
    return filterError(`expected ${expected}, not ${told(this.#next)}`, this.#next.position);
  }
}

/** Graph's clients write startswith and startsWith, eq and EQ. */
function isWord(token: Token, word: string): boolean {
  return token.kind === 'name' && token.text.toLowerCase() === word;
}

function told(token: Token): string {
  return token.kind === 'end' ? 'the end' : token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
}
