import { BlockList, isIP } from 'node:net';
import { isLoopbackAddress } from '../config/loopback.ts';
import { OcpError } from '../wire/errors.ts';
import type { RequestHeaders } from '../wire/surface.ts';

/**
 * What keeps web pages of others away from OCP: a page can make a browser call this machine, by its address or by a
 * name that it points here (DNS rebinding). Contract: the rows "Origin and Host" of OCP's HTTP contract.
 */

/** The names and addresses by which OCP may be called, besides loopback, `localhost` and `*.local`. */
export interface AllowedHosts {
  /** IP addresses of this machine's network interfaces. */
  readonly ownAddresses: readonly string[];
  /** This machine's host name, with or without a domain. */
  readonly hostName: string;
  /** The operator's list (OCP_ALLOWED_HOSTS): `name` or `name:port`. */
  readonly listed: readonly string[];
}

/** A host and its port as a header names them; no port means the scheme's. */
interface Authority {
  /** In lower case, without brackets and without a final dot. */
  readonly host: string;
  readonly port: string | undefined;
}

/** Raises OcpError `forbidden_host` unless the request's Host is one by which OCP may be called. */
export function checkHost(hostHeader: string | undefined, allowed: AllowedHosts): void {
  const authority = parseAuthority(hostHeader ?? '');
  if (authority !== undefined && isAllowedHost(authority, allowed)) return;
  throw new OcpError(
    'forbidden_host',
    'OCP does not answer to this Host name. The operator can list it in OCP_ALLOWED_HOSTS.',
  );
}

/**
 * Raises OcpError `invalid_request` unless the request's target is a path. A target with a host of its own would count
 * instead of the Host header.
 */
export function checkTarget(target: string | undefined): void {
  if (target?.startsWith('/') === true && !target.startsWith('//')) return;
  throw new OcpError('invalid_request', 'The request target must be a path.');
}

/**
 * Raises OcpError `forbidden_origin` when a browser sent the request for a page that is neither OCP's own nor listed
 * (OCP_CORS_ORIGINS). Requests without an Origin come from programs, or from a browser that was told to navigate.
 */
export function checkOrigin(headers: RequestHeaders, listed: readonly string[]): void {
  const { origin, host } = headers;
  if (origin === undefined) {
    const site = headers['sec-fetch-site'];
    const foreign = site === 'cross-site' || site === 'same-site';
    if (!foreign || headers['sec-fetch-mode'] === 'navigate') return;
  } else if (typeof origin === 'string') {
    if (listed.includes(origin) || (typeof host === 'string' && isSameOrigin(origin, host))) return;
  }
  throw new OcpError(
    'forbidden_origin',
    'Web pages of this Origin may not call OCP. The operator can list it in OCP_CORS_ORIGINS.',
  );
}

/**
 * Raises OcpError `unsupported_media_type` when a request that changes something carries a body that is not JSON: other
 * types are the ones that a page can send without asking first.
 */
export function checkContentType(method: string, headers: RequestHeaders): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
  const type = headers['content-type'];
  if (method === 'DELETE' && type === undefined) return;
  if (typeof type === 'string' && /^application\/json\s*(?:;|$)/i.test(type)) return;
  throw new OcpError('unsupported_media_type', 'The request needs the header Content-Type: application/json.');
}

/** The CORS headers of an answer, for a listed origin (OCP_CORS_ORIGINS); none for any other. */
export function corsHeaders(origin: string | undefined, listed: readonly string[]): Record<string, string> {
  if (origin === undefined || !listed.includes(origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': '*, authorization',
    'access-control-expose-headers': '*',
    vary: 'origin',
  };
}

function isAllowedHost({ host, port }: Authority, allowed: AllowedHosts): boolean {
  const listed = allowed.listed.some((entry) => {
    const candidate = parseAuthority(entry);
    return candidate?.host === host && (candidate.port === undefined || candidate.port === port);
  });
  if (listed) return true;
  if (isIP(host) !== 0) return isLoopbackAddress(host) || isOwnAddress(host, allowed.ownAddresses);
  const own = allowed.hostName.toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host.endsWith('.local') ||
    host === own ||
    host === own.split('.', 1)[0]
  );
}

function isOwnAddress(host: string, ownAddresses: readonly string[]): boolean {
  const own = new BlockList();
  for (const address of ownAddresses) {
    const version = isIP(address);
    // A link-local address carries its interface, which no Host header can.
    if (version !== 0 && !address.includes('%')) own.addAddress(address, version === 4 ? 'ipv4' : 'ipv6');
  }
  return own.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}

const name = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/** Reads `host[:port]` strictly: no user, no path, no other notation of an address than the canonical one. */
function parseAuthority(text: string): Authority | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, address, plain, port] = match;
  if (address !== undefined) return isIP(address) === 6 ? { host: address.toLowerCase(), port } : undefined;
  const lower = (plain ?? '').toLowerCase();
  if (isIP(lower) === 4) return { host: lower, port };
  const host = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  // Browsers read a name whose last label is a number as an address in another notation.
  const label = host.slice(host.lastIndexOf('.') + 1);
  return name.test(host) && !/^(?:\d+|0x[0-9a-f]*)$/.test(label) ? { host, port } : undefined;
}

function isSameOrigin(origin: string, hostHeader: string): boolean {
  const match = /^(https?):\/\/([^/]+)$/.exec(origin);
  if (match === null) return false;
  const [, scheme, authority] = match;
  const usual = scheme === 'https' ? '443' : '80';
  const page = parseAuthority(authority ?? '');
  const server = parseAuthority(hostHeader);
  if (page === undefined || server === undefined) return false;
  return page.host === server.host && (page.port ?? usual) === (server.port ?? usual);
}
