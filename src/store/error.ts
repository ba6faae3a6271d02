/** The database cannot be used. The message is one line for the operator: which file, what is wrong, what to do. */
export class StoreError extends Error {
  readonly code = 'OCP_STORE';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
  }
}
