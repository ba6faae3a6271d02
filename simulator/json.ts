/** A JSON object as it came over the wire: nothing about its members is known yet. */
export type WireObject = Readonly<Record<string, unknown>>;

/** Tells whether a value is a JSON object (neither null nor an array). */
export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; anything else in it, or anything else than a list, is left out. */
export function objectsOf(value: unknown): readonly WireObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The content of a message or tool result as blocks: a bare string is one text block. */
export function contentBlocks(content: unknown): readonly WireObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : objectsOf(content);
}

/** The text of all text blocks, one after another on lines of their own. */
export function textOf(content: unknown): string {
  return contentBlocks(content)
    .map((block) => (typeof block['text'] === 'string' ? block['text'] : ''))
    .filter((text) => text !== '')
    .join('\n');
}
