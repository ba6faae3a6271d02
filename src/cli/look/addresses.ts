import type { NetworkInterfaceInfo } from 'node:os';

/** An address by which other machines may reach this one. */
export interface LanAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** The network interface, such as `eth0`. */
  readonly name: string;
}

/** Interfaces of containers and virtual machines: their networks end on this machine. */
const inner = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|podman|lxc|lxd)/u;

/**
 * The addresses of this machine that others can use, the likeliest first: IPv4 before IPv6, home and office networks before
 * others. Loopback, link-local addresses and the networks of containers are none.
 */
export function lanAddresses(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): LanAddress[] {
  const found = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos
      .filter(({ internal, address }) => !internal && !inner.test(name) && !/^(?:169\.254\.|fe80:)/iu.test(address))
      .map(({ address, family }): LanAddress => ({ address, family, name })),
  );
  return found.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ address, family }: LanAddress): number {
  if (family === 'IPv6') return 9;
  if (address.startsWith('192.168.')) return 0;
  if (address.startsWith('10.')) return 1;
  if (/^172\.(?:1[6-9]|2\d|3[01])\./u.test(address)) return 2;
  return 3;
}

/** An address as it stands in a URL. */
export function urlHost({ address, family }: Pick<LanAddress, 'address' | 'family'>): string {
  return family === 'IPv6' ? `[${address}]` : address;
}
