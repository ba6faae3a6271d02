import { hash } from 'node:crypto';
import { cleaned, isClean } from './clean.ts';

/** Anthropic's rule for the names of tools. */
const plainName = /^[a-zA-Z0-9_-]{1,128}$/;
/** Anthropic's rule for the properties at the top of a tool's schema. */
const plainKey = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Names that the CLI keeps for itself: a client's tool of that name would vanish, or be taken for the CLI's own. */
const reservedNames: ReadonlySet<string> = new Set(['ToolSearch', 'StructuredOutput']);
/** A key that the CLI loses at any depth. */
const lostKey = '__proto__';
/** What OCP's own names look like. */
const own = /^ocp_.*_[0-9a-f]{10}$/;
const MOST_OF_THE_ORIGINAL = 40;

/**
 * The name under which the CLI knows a tool. It depends on the client's name alone, so no other tool and no other request
 * can change it; two names never become one.
 */
export function nameForCli(name: string): string {
  return plainName.test(name) && !reservedNames.has(name) && !own.test(name) ? name : aliasOf(name);
}

/** Whether a property at the top of a schema reaches the API under its own name. */
export function isPlainTopKey(key: string): boolean {
  return plainKey.test(key) && isPlainKey(key);
}

/** Whether a property deeper inside does. */
export function isPlainKey(key: string): boolean {
  return key !== lostKey && isClean(key) && !own.test(key);
}

/** A name of OCP's own in the place of one that cannot be sent; it tells the model as much of it as it may. */
export function aliasOf(original: string): string {
  // An accent is a character of its own in this form, and falls away alone.
  const letters = cleaned(original).normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const readable = letters
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .slice(0, MOST_OF_THE_ORIGINAL)
    .replaceAll(/^_+|_+$/g, '');
  return `ocp_${readable}_${hash('sha256', original, 'hex').slice(0, 10)}`;
}
