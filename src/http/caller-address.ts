import { BlockList, isIP, SocketAddress } from 'node:net';
import { isLoopbackAddress } from '../config/loopback.ts';
import { networkOf } from '../config/networks.ts';
import type { RequestHeaders } from '../wire/surface.ts';

/** Where a request comes from. */
export interface CallerAddress {
  /** The IP address, in its canonical notation: of the peer, or of the client that a trusted proxy names. Empty if unknown. */
  readonly address: string;
  /** Whether it was sent on this machine and not handed on by anything. */
  readonly isLocal: boolean;
  /**
   * Whose failures count together: an address, an IPv6 network of 64 bits, or what an untrusted proxy on this machine hands on,
   * which is kept apart from this machine's own programs.
   */
  readonly place: string;
}

/** The parts of a request that say where it comes from. */
export interface Arrival {
  readonly headers: RequestHeaders;
  /** The peer's IP address as the socket gives it. */
  readonly remoteAddress: string | undefined;
}

/** Hops that are read of a header, from its end; no chain of proxies is longer. */
const MOST_HOPS = 32;

/** Headers that reverse proxies and tunnels add. */
const forwardingHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-original-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-ray',
  'cdn-loop',
  'fastly-client-ip',
  'fly-client-ip',
  'ngrok-skip-browser-warning',
  'tailscale-user-login',
] as const;

/**
 * Tells the caller's address. Headers that a proxy adds make a request remote, whoever sent it; what they say of the client is
 * believed only of the proxies in OCP_TRUSTED_PROXIES. Contracts: RFC 7239 for `Forwarded`, common use for `X-Forwarded-For`.
 */
export function callerAddressReader(trustedProxies: readonly string[]): (arrival: Arrival) => CallerAddress {
  const trusted = new BlockList();
  for (const text of trustedProxies) {
    const network = networkOf(text);
    if (network !== undefined) trusted.addSubnet(network.address, network.bits, network.family);
  }
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ headers, remoteAddress }) => {
    const peer = canonical(remoteAddress ?? '') ?? '';
    if (!isForwarded(headers)) return { address: peer, isLocal: isLoopbackAddress(peer), place: placeOf(peer) };
    const named = peer !== '' && isTrusted(peer) ? clientOf(headers, isTrusted) : undefined;
    const address = named ?? peer;
    return { address, isLocal: false, place: isLoopbackAddress(address) ? `${address} forwarded` : placeOf(address) };
  };
}

/** The hop behind the last proxy that is trusted; undefined when the headers do not say it clearly. */
function clientOf(headers: RequestHeaders, isTrusted: (address: string) => boolean): string | undefined {
  const chains = [hopsOf(headers['x-forwarded-for']), forwardedHops(headers['forwarded'])].filter(
    (chain) => chain.length > 0,
  );
  const clients = new Set(chains.map((chain) => lastUntrusted(chain, isTrusted)));
  // A proxy adds to one of the headers and passes the other on as the client wrote it.
  return clients.size === 1 ? [...clients][0] : undefined;
}

/** Reads from the right, where the proxies write; what stands left of the first stranger may be made up. */
function lastUntrusted(hops: readonly string[], isTrusted: (address: string) => boolean): string | undefined {
  let client: string | undefined;
  for (const hop of hops.slice(-MOST_HOPS).toReversed()) {
    const address = addressOfHop(hop);
    if (address === undefined) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
}

function hopsOf(header: RequestHeaders[string]): readonly string[] {
  return header === undefined
    ? []
    : [header]
        .flat()
        .join(',')
        .split(',')
        .map((hop) => hop.trim());
}

function forwardedHops(header: RequestHeaders[string]): readonly string[] {
  return hopsOf(header).map(
    (element) => /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]*)\s*(?:;|$)/iu.exec(element)?.[1]?.replaceAll('"', '') ?? '',
  );
}

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`. */
function addressOfHop(hop: string): string | undefined {
  if (hop.length > 64) return undefined;
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/u.exec(hop)?.[1];
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? canonical(bracketed) : undefined;
  return canonical(isIP(hop) === 0 ? hop.replace(/:\d{1,5}$/u, '') : hop);
}

/** One notation for one address: IPv4 where it is mapped into IPv6, no zone, lower case, shortened. */
function canonical(text: string): string | undefined {
  const plain = text.split('%', 1)[0] ?? '';
  const version = isIP(plain);
  if (version === 0) return undefined;
  if (version === 4) return plain;
  const { address } = new SocketAddress({ address: plain, family: 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/u.exec(address)?.[1] ?? address;
}

/** Whoever has one IPv6 address has at least the 2^64 beside it. */
function placeOf(address: string): string {
  if (!address.includes(':')) return address;
  const [start = '', end] = address.split('::', 2);
  const groups = start === '' ? [] : start.split(':');
  const rest = end === undefined || end === '' ? [] : end.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  const network = [...groups, ...zeros, ...rest].slice(0, 4);
  return address === '::1' ? address : `${network.join(':')}::/64`;
}

/** Whether a request comes from this machine and was not handed on by a proxy that runs on it. */
export function isLocal({ headers, remoteAddress }: Arrival): boolean {
  return isLoopbackAddress(remoteAddress) && !isForwarded(headers);
}

function isForwarded(headers: RequestHeaders): boolean {
  return forwardingHeaders.some((header) => headers[header] !== undefined);
}
