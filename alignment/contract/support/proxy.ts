import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Something between the CLI and the simulator. */
export interface Between {
  readonly url: string;
  /** What was asked of it: addresses, and `CONNECT host:port`. */
  readonly seen: readonly string[];
  close(): void;
}

/** A proxy that leads everything to the simulator, and refuses tunnels. */
export async function startProxy(target: string): Promise<Between> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    void forward(target, request, response);
  });
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url ?? ''}`);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  return listening(server, 'http', seen);
}

/** The API behind a certificate that nobody knows; its file is `certificate`. Undefined without openssl. */
export async function startSecure(
  target: string,
  folder: string,
): Promise<(Between & { readonly certificate: string }) | undefined> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  try {
    await promisify(execFile)('openssl', ['req', ...made, '-keyout', key, '-out', certificate, ...subject]);
  } catch {
    return undefined;
  }
  const seen: string[] = [];
  const server = createSecureServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (request, response) => {
      seen.push(request.url ?? '');
      void forward(target, request, response);
    },
  );
  return { ...(await listening(server, 'https', seen)), certificate };
}

async function listening(server: Server, scheme: string, seen: readonly string[]): Promise<Between> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://127.0.0.1:${port}`, seen, close: () => void server.close() };
}

async function forward(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = {
    'content-type': 'application/json',
    'x-api-key': String(request.headers['x-api-key']),
    'anthropic-version': String(request.headers['anthropic-version']),
  };
  const url = new URL(new URL(request.url ?? '/', target).pathname, target);
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
  const answer = await fetch(url, { method: request.method ?? 'GET', headers, ...body });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '', connection: 'close' });
  response.end(await answer.text());
}
