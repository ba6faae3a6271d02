import { OcpError } from '../wire/errors.ts';

/** Names under which OCP itself records usage: a key of that name would pass for somebody else. */
const reserved = new Set(['admin', 'shared', 'local', 'remote']);
/** The key whose limits hold for everybody who comes with the public key; only the admin makes it, no import does. */
export const ANONYMOUS_KEY_NAME = 'anonymous';

/**
 * The name of a new or renamed key, without spaces around it. Raises OcpError `invalid_request` for one that cannot be
 * used. Contract: `POST /api/keys` of OCP's HTTP contract.
 */
export function checkedKeyName(text: string): string {
  const name = text.trim();
  if (!/^[A-Za-z0-9 ._-]{1,64}$/.test(name)) {
    throw refused('A key name has 1 to 64 letters, digits, spaces, dots, underscores or hyphens.');
  }
  if (reserved.has(name.toLowerCase())) throw refused(`'${name}' is a name that OCP uses itself.`);
  return name;
}

/** The nearest usable name to one that was allowed elsewhere; `isTaken` says what is in use already. */
export function nearestKeyName(text: string, id: number, isTaken: (name: string) => boolean): string {
  const plain = text
    .replaceAll(/[^A-Za-z0-9 ._-]/gu, '-')
    .slice(0, 64)
    .trim();
  const isReserved = reserved.has(plain.toLowerCase()) || plain.toLowerCase() === ANONYMOUS_KEY_NAME;
  const wanted = plain === '' || isReserved ? `key-${id}` : plain;
  if (!isTaken(wanted)) return wanted;
  for (let count = 2; ; count += 1) {
    const name = `${wanted.slice(0, 56)}-${count}`;
    if (!isTaken(name)) return name;
  }
}

function refused(message: string): OcpError {
  return new OcpError('invalid_request', message, { param: 'name' });
}
