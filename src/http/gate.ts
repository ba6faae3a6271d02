import { BlockList, isIP } from 'node:net';
import { isLoopbackAddress } from '../config/loopback.ts';
import { OcpError } from '../wire/errors.ts';
import type { RequestHeaders } from '../wire/surface.ts';

/**
 * What keeps web pages of others away from OCP: a page can make a browser call this machine, by its address or by a
 * name that it points here (DNS rebinding). Contract: the rows "Origin and Host" of OCP's HTTP contract.
 */

/** The names and addresses by which OCP may be called, besides loopback and `localhost`. */
export interface AllowedHosts {
  /** IP addresses of this machine's network interfaces, as they are now. */
  readonly ownAddresses: () => readonly string[];
  /** This machine's host name, with or without a domain; its first part with `.local` is this machine's too. */
  readonly hostName: string;
  /** The operator's list (OCP_ALLOWED_HOSTS): `name` or `name:port`. */
  readonly listed: readonly string[];
}

/** A host and its port as a header names them; no port means the scheme's. */
interface Authority {
  /** In lower case, without brackets. */
  readonly host: string;
  readonly port: string | undefined;
}

/**
 * Names that container programs give to the machine they run on. They end in `.internal`, which nobody can register, so no
 * web page can come from one of them.
 */
const containerHosts: ReadonlySet<string> = new Set([
  'host.docker.internal',
  'gateway.docker.internal',
  'kubernetes.docker.internal',
  'host.containers.internal',
  'host.k3d.internal',
  'host.lima.internal',
  'host.minikube.internal',
  'host.orb.internal',
  'host.rancher-desktop.internal',
]);

/** Headers that decide who may come in, and of which Node passes on only the first. */
const singleHeaders: ReadonlySet<string> = new Set(['host', 'origin', 'authorization', 'content-type']);

/**
 * Raises OcpError `invalid_request` when a header that may stand once comes twice: what is in front of OCP may have gone by
 * the other one. `rawHeaders` are names and values by turns, as node:http gives them.
 */
export function checkSingleHeaders(rawHeaders: readonly string[]): void {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index]?.toLowerCase() ?? '';
    if (!singleHeaders.has(header)) continue;
    if (seen.has(header)) throw new OcpError('invalid_request', `The header ${header} came twice.`, { param: header });
    seen.add(header);
  }
}

/**
 * Raises OcpError `forbidden_host` unless the request's Host is one by which OCP may be called. The message has the line
 * that would allow it.
 */
export function checkHost(hostHeader: string | undefined, allowed: AllowedHosts): void {
  const authority = parseAuthority(hostHeader ?? '');
  if (authority !== undefined && isAllowedHost(authority, allowed)) return;
  const listing =
    authority === undefined ? undefined : isIP(authority.host) === 6 ? `[${authority.host}]` : authority.host;
  throw new OcpError(
    'forbidden_host',
    listing === undefined
      ? 'The Host header has to name a host as OCP_ALLOWED_HOSTS does: a name or an address, and a port.'
      : `OCP does not answer to the name ${listing}. If it is a name of this server, the operator allows it with the ` +
          `setting OCP_ALLOWED_HOSTS=${listing} (several are separated by commas) and ocp restart.`,
  );
}

/**
 * Raises OcpError `invalid_request` unless the request's target is a path. A target with a host of its own would count
 * instead of the Host header.
 */
export function checkTarget(target: string | undefined): void {
  if (target?.startsWith('/') === true && !target.startsWith('//')) return;
  throw new OcpError('invalid_request', 'The request target must be a path that begins with one slash.');
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
export function corsHeaders(headers: RequestHeaders, listed: readonly string[]): Record<string, string> {
  if (listed.length === 0) return {};
  const { origin } = headers;
  // A cache must not hand the answer to one origin to another one.
  if (typeof origin !== 'string' || !listed.includes(origin)) return { vary: 'origin' };
  const asked = headers['access-control-request-headers'];
  const named =
    typeof asked === 'string' && /^[\w!#$%&'*+.^`|~-]+(?: *, *[\w!#$%&'*+.^`|~-]+)*$/.test(asked) ? asked : undefined;
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders.join(', '),
    // Below is only what a browser asks for before it sends the request itself.
    ...(headers['access-control-request-method'] === undefined
      ? {}
      : {
          'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE, OPTIONS',
          // Some web views do not know the asterisk.
          'access-control-allow-headers': named ?? '*, authorization',
          'access-control-max-age': '600',
        }),
    ...(headers['access-control-request-private-network'] === 'true'
      ? { 'access-control-allow-private-network': 'true' }
      : {}),
  };
}

/** Headers of answers that a page of a listed origin may read; an asterisk would mean none of them to older browsers. */
export const exposedHeaders: readonly string[] = [
  'allow',
  'content-disposition',
  'etag',
  'retry-after',
  'request-id',
  'x-request-id',
  'x-should-retry',
  'x-ocp-ignored',
  'x-ocp-truncated',
  'anthropic-ratelimit-unified-status',
  'anthropic-ratelimit-unified-reset',
  'anthropic-ratelimit-unified-representative-claim',
  'anthropic-ratelimit-unified-5h-status',
  'anthropic-ratelimit-unified-5h-reset',
  'anthropic-ratelimit-unified-5h-utilization',
  'anthropic-ratelimit-unified-7d-status',
  'anthropic-ratelimit-unified-7d-reset',
  'anthropic-ratelimit-unified-7d-utilization',
];

function isAllowedHost({ host, port }: Authority, allowed: AllowedHosts): boolean {
  const listed = allowed.listed.some((entry) => {
    const candidate = parseAuthority(entry);
    return candidate?.host === host && (candidate.port === undefined || candidate.port === port);
  });
  if (listed) return true;
  if (isIP(host) !== 0) return isLoopbackAddress(host) || isOwnAddress(host, allowed.ownAddresses());
  const own = allowed.hostName.toLowerCase();
  const short = own.split('.', 1)[0] ?? own;
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === own ||
    host === short ||
    host === `${short}.local` ||
    containerHosts.has(host)
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
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([1-9]\d{0,4}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, address, plain, port] = match;
  if (Number(port ?? 0) > 65_535) return undefined;
  if (address !== undefined) return isIP(address) === 6 ? { host: address.toLowerCase(), port } : undefined;
  const host = (plain ?? '').toLowerCase();
  if (isIP(host) === 4) return { host, port };
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
