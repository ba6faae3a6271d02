/** A function that is asked at most once: several checks look at the same thing, and asking costs time. */
export function once<T>(ask: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: ask() }).value;
}
