const alphabet = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Makes identifiers such as `msg_01…`; the argument is the prefix without its underscore. */
export type NewId = (prefix: string) => string;

/** Identifiers that look like Anthropic's and repeat exactly for the same seed. */
export function seededIds(seed: number): NewId {
  const next = seededRandom(seed);
  return (prefix) => {
    let id = `${prefix}_01`;
    for (let i = 0; i < 22; i++) id += alphabet[Math.floor(next() * alphabet.length)] ?? '0';
    return id;
  };
}

/** Numbers in [0, 1) from a 32-bit state (the public-domain "mulberry32" step). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
