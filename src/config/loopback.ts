import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Tells whether an IP address, as a socket or a configuration gives it, is this machine's loopback. Only canonical
 * notations count (`2130706433`, `0x7f.1` and host names do not); IPv4 addresses mapped into IPv6 do.
 */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  // Nearly every request comes from here, and the list costs more than the rest of the check.
  if (address === '127.0.0.1') return true;
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
