import type { InputItem } from './reply.ts';

/** Items as JSON, one behind the other, so that a thread can hand over any number of them. */
export interface PackedItems {
  /** The id of each item; empty where it has none. */
  readonly ids: readonly string[];
  readonly bytes: Uint8Array;
  /** Where each item ends. */
  readonly ends: Uint32Array;
}

export function packItems(items: readonly InputItem[]): PackedItems {
  const ends = new Uint32Array(items.length);
  const texts = items.map((item) => JSON.stringify(item));
  let end = 0;
  for (const [index, text] of texts.entries()) {
    end += Buffer.byteLength(text);
    ends[index] = end;
  }
  const ids = items.map(({ id }) => (typeof id === 'string' ? id : ''));
  return { ids, bytes: Buffer.from(texts.join('')), ends };
}

/** The JSON of one item. */
export function itemText({ bytes, ends }: PackedItems, index: number): string {
  const start = index === 0 ? 0 : (ends[index - 1] ?? 0);
  const { buffer, byteOffset } = bytes;
  return Buffer.from(buffer, byteOffset + start, (ends[index] ?? start) - start).toString('utf8');
}
