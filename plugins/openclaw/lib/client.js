import { join } from 'node:path';

const TIMEOUT_MS = 15_000;

/** A failure that the chat is told as it is. */
export class OcpFailure extends Error {}

/** Where OCP is: OCP_PROXY_URL, the plugin's configuration, the port in CLAUDE_PROXY_PORT, else port 3456 of this machine. */
export function targetOf(config, { env }) {
  const given = text(env.OCP_PROXY_URL) ?? text(config.url);
  if (given !== undefined) {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      throw new OcpFailure('The address of OCP is no http URL.');
    return `${url.origin}${url.pathname.replace(/\/(?:v1\/?)?$/, '')}`;
  }
  const port = text(env.CLAUDE_PROXY_PORT) ?? '3456';
  if (!/^\d{1,5}$/.test(port)) throw new OcpFailure('CLAUDE_PROXY_PORT is no port.');
  return `http://127.0.0.1:${port}`;
}

/**
 * The admin key: OCP_ADMIN_KEY, the plugin's configuration, else the file that OCP's setup wrote. The file belongs to the
 * OCP of this machine and goes nowhere else.
 */
export function adminKeyOf(config, target, { env, home, readFile }) {
  const given = text(env.OCP_ADMIN_KEY) ?? text(config.adminKey);
  if (given !== undefined) return given;
  const { hostname } = new URL(target);
  if (hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.')) return undefined;
  try {
    return text(readFile(join(text(env.OCP_HOME) ?? join(home, '.ocp'), 'admin-key')));
  } catch {
    return undefined;
  }
}

/** Calls OCP and gives back the JSON of its answer. Raises OcpFailure, whose text a chat may see. */
export async function call(config, world, { method = 'GET', path, body, isAdmin = false, accepts = [] }) {
  const target = targetOf(config, world);
  const key = isAdmin ? adminKeyOf(config, target, world) : undefined;
  let response;
  try {
    response = await world.fetch(`${target}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new OcpFailure(`OCP does not answer at ${target}. On its machine: ocp doctor`);
  }
  const answer = await response.json().catch(() => undefined);
  if (response.ok || accepts.includes(response.status)) return answer ?? {};
  if (response.status === 401 || response.status === 403) {
    throw new OcpFailure(
      key === undefined
        ? 'OCP wants its admin key: set OCP_ADMIN_KEY, or adminKey in the configuration of this plugin.'
        : 'OCP does not accept the admin key that this plugin has.',
    );
  }
  const said = answer?.error?.message;
  throw new OcpFailure(typeof said === 'string' ? said : `OCP answers ${response.status}.`);
}

function text(value) {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed === '' ? undefined : trimmed;
}
