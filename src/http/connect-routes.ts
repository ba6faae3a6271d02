import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { OcpError } from '../wire/errors.ts';
import type { RequestHeaders } from '../wire/surface.ts';
import { addVary } from './reply-headers.ts';

/** Where the client's parts lie, from the folder of OCP's package.json. */
const SCRIPT = 'ocp-connect';
const PROGRAM = join('dist', 'connect', 'ocp-connect.mjs');

/** The line of the script in which it is told its server. */
const serverLine = /^server=''$/mu;

/**
 * What makes other machines use this server, handed out by the server itself: `/connect`, a shell script for
 * `curl -fsSL http://SERVER:3456/connect | sh`, and the program that the script fetches where Node.js is there, with its
 * checksum. Both are public: whoever has no key yet needs them.
 */
export function addConnectRoutes(server: FastifyInstance, packageRoot: string): void {
  server.get(
    '/connect',
    { config: { access: 'public', docs: { summary: 'A shell script that makes a machine use this OCP' } } },
    async (request, reply) => {
      const script = await part(packageRoot, SCRIPT);
      const address = addressAskedFor(request.headers);
      addVary(reply, 'host', 'x-forwarded-proto');
      return reply
        .type('text/x-shellscript; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(script.toString('utf8').replace(serverLine, () => `server='${address}'`));
    },
  );
  server.get(
    '/connect/ocp-connect.mjs',
    { config: { access: 'public', docs: { summary: 'The program that the script of /connect runs with Node.js' } } },
    async (_request, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(await part(packageRoot, PROGRAM)),
  );
  server.get(
    '/connect/ocp-connect.mjs.sha256',
    { config: { access: 'public', docs: { summary: 'The SHA-256 of that program, as sha256sum writes it' } } },
    async (_request, reply) => {
      const digest = createHash('sha256')
        .update(await part(packageRoot, PROGRAM))
        .digest('hex');
      return reply
        .type('text/plain; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(`${digest}  ocp-connect.mjs\n`);
    },
  );
}

/**
 * The URL by which the client asked, with its port: from the Host header, in which the gate lets nothing but a name or an
 * address and a port through. A proxy in front that speaks TLS says so. Raises OcpError `forbidden_host` for anything else.
 */
function addressAskedFor(headers: RequestHeaders): string {
  const host = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/iu.exec(String(headers['host']));
  if (host?.[1] === undefined) throw new OcpError('forbidden_host', 'The Host header names no host.');
  const isTls = headers['x-forwarded-proto'] === 'https';
  return `${isTls ? 'https' : 'http'}://${host[1]}:${host[2] ?? (isTls ? '443' : '80')}`;
}

async function part(packageRoot: string, path: string): Promise<Buffer> {
  try {
    return await readFile(join(packageRoot, path));
  } catch (cause) {
    throw new OcpError('not_built', 'This OCP was installed without its client program; npm run build makes it.', {
      cause,
    });
  }
}
