/** One thing that is wrong with a file, by the line where its record begins (the header's is 1). */
export interface ImportError {
  readonly line: number;
  /** The column as the file's documentation names it; undefined where the line as such is wrong. */
  readonly target: string | undefined;
  readonly message: string;
}

/** So many are told: a file that was exported wrongly is wrong in every line. */
export const IMPORT_ERRORS_MAX = 100;

/** A file was not imported: nothing of it was written. */
export class ImportRejected extends Error {
  override readonly name = 'ImportRejected';
  /** By line, at most IMPORT_ERRORS_MAX. */
  readonly details: readonly ImportError[];

  constructor(details: readonly ImportError[]) {
    const count =
      details.length >= IMPORT_ERRORS_MAX
        ? `At least ${IMPORT_ERRORS_MAX} things are`
        : details.length === 1
          ? 'One thing is'
          : `${details.length} things are`;
    super(`Nothing was imported. ${count} wrong in the file: see the details, by line.`);
    this.details = details;
  }
}

/** Collects what is wrong with a file, so that it is told at once and not one line at a time. */
export class ImportErrors {
  readonly #errors: ImportError[] = [];

  /** Notes an error; reading on is of no use once isFull. */
  add(line: number, target: string | undefined, message: string): void {
    this.#errors.push({ line, target, message });
  }

  get isFull(): boolean {
    return this.#errors.length >= IMPORT_ERRORS_MAX;
  }

  /** @throws ImportRejected where anything was noted */
  rejectIfAny(): void {
    if (this.#errors.length > 0) throw this.rejected();
  }

  /** Everything noted so far, and one more after which the file can't be read on. */
  rejected(line?: number, message?: string): ImportRejected {
    if (line !== undefined && message !== undefined) this.add(line, undefined, message);
    return new ImportRejected(this.#errors.toSorted((a, b) => a.line - b.line).slice(0, IMPORT_ERRORS_MAX));
  }
}
