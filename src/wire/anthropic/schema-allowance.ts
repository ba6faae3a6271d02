import { OcpError } from '../errors.ts';

/** Characters of JSON that the schemas of one request may come to, once references are followed. */
export const mostSchemaCharacters = 2_000_000;

/** What each object in a schema counts as besides its words, both read and written: an empty one takes time too. */
export const schemaCharacters = 100;

/**
 * What the schemas of one request may still grow to while they are put in other words. A reference costs a few characters
 * and can stand for a schema of a megabyte, so what is produced is counted, not what came.
 */
export class SchemaAllowance {
  /** Words of JSON Schema that were left out although they have a meaning, for `x-ocp-ignored`. */
  readonly leftOut = new Set<string>();
  readonly #field: string;
  #left = mostSchemaCharacters;

  /** `field` is where the schema stands in the request, for the error. */
  constructor(field = '') {
    this.#field = field;
  }

  /** Raises OcpError `invalid_request` that names the field once more was produced than may be. */
  spend(characters: number): void {
    this.#left -= characters;
    if (this.#left >= 0) return;
    const name = this.#field === '' ? 'A schema' : `'${this.#field}'`;
    const message = `${name} becomes larger than ${mostSchemaCharacters} characters once its references are followed.`;
    throw new OcpError('invalid_request', message, this.#field === '' ? {} : { param: this.#field });
  }
}

/** About how many characters of JSON a value takes. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 3;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item);
  else for (const [key, member] of Object.entries(value)) size += key.length + 4 + sizeOf(member);
  return size;
}
