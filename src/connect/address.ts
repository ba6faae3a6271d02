import { isIP } from 'node:net';
import { ConnectError } from './error.ts';

const usualPort = 3456;
const hostName = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?$/u;

/**
 * The base URL of a server, without `/v1` and without a slash at its end. `host` is a name, an IP address, either with a
 * port, or an http or https URL. Raises ConnectError for anything else, so that nothing odd gets into anybody's files.
 */
export function serverUrl(host: string, port: number | undefined): string {
  const text = host.trim();
  if (/^https?:\/\//iu.test(text)) return fromUrl(text, port);
  const [, bracketed, bare, given] = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/u.exec(text) ?? [];
  if (isIP(text) === 6) return `http://[${text}]:${port ?? usualPort}`;
  const name = bracketed ?? bare;
  if (name === undefined || (bracketed !== undefined ? isIP(bracketed) !== 6 : !hostName.test(name))) throw odd(host);
  const wanted = port ?? (given === undefined ? usualPort : Number(given));
  if (wanted < 1 || wanted > 65_535) throw odd(host);
  return bracketed === undefined ? `http://${name}:${wanted}` : `http://[${bracketed}]:${wanted}`;
}

function fromUrl(text: string, port: number | undefined): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const name = url?.hostname.replace(/^\[|\]$/gu, '') ?? '';
  const isPlain =
    url !== undefined &&
    (isIP(name) !== 0 || hostName.test(name)) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    /^\/(?:v1\/?)?$/u.test(url.pathname);
  if (!isPlain) throw odd(text);
  if (port !== undefined) url.port = String(port);
  return url.origin;
}

function odd(host: string): ConnectError {
  return new ConnectError(`${JSON.stringify(host)} is no host name, IP address or http URL of a server`);
}

/** A key as a header can carry it. Raises ConnectError for one that no server gave out. */
export function checkedKey(key: string): string {
  const text = key.trim();
  if (/^[\u0021-\u007E]{1,512}$/u.test(text)) return text;
  throw new ConnectError('The key is not usable: it is to be 1 to 512 letters, digits and signs, without blanks');
}

/** A key as it may be shown: the beginning and the end. */
export function preview(key: string): string {
  return key.length > 12 ? `${key.slice(0, 8)}...${key.slice(-4)}` : '...';
}

/** Whether the URL leads to the machine itself. */
export function isLoopbackUrl(url: string): boolean {
  const name = new URL(url).hostname;
  return name === 'localhost' || name === '[::1]' || name.startsWith('127.');
}
