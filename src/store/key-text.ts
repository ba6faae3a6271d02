import { hash } from 'node:crypto';

/** Random bytes in a key: 192 bits. */
const RANDOM_BYTES = 24;

/** A new key: `ocp_` and 32 characters of base64url. Contract: "Key format" of OCP's HTTP contract. */
export function newKeyText(randomBytes: (size: number) => Buffer): string {
  return `ocp_${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

/** What is kept of a key. A key has too much chance in it for its digest to be guessed, so no slower function is needed. */
export function keyDigest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/**
 * Whether a secret looks like one that OCP makes, at random: a key, or the admin key of setup. Nobody can guess such a one,
 * however often they try.
 */
export function looksMade(text: string): boolean {
  return /^(?:ocp_[A-Za-z0-9_-]{32}|[A-Za-z0-9_-]{43})$/.test(text);
}

/** How a key is shown after its creation. */
export function keyPreview(last4: string): string {
  return `ocp_...${last4}`;
}
