import { isIP } from 'node:net';

/** An address, or a network of those that share its first bits. */
export interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Reads `192.0.2.1`, `10.0.0.0/8`, `2001:db8::1` or `fd00::/8`; undefined for anything else. A network of everybody (`/0`) is
 * none.
 */
export function networkOf(text: string): Network | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%')) return undefined;
  const most = version === 4 ? 32 : 128;
  const length = bits === undefined ? most : /^[1-9]\d{0,2}$/u.test(bits) ? Number(bits) : 0;
  if (length < 1 || length > most) return undefined;
  return { address, bits: length, family: version === 4 ? 'ipv4' : 'ipv6' };
}
