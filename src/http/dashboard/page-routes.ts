import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OcpError } from '../../wire/errors.ts';
import { addVary } from '../reply-headers.ts';
import type { PageFile, PageFiles } from './page-files.ts';
import { chooseEncoding, readPageFiles } from './page-files.ts';

/** What the page may do: load its own script, style and data, and nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OCP: the dashboard is not built</title>
<h1>The dashboard is not built</h1>
<p>OCP runs, but the files of its dashboard are missing. In the folder of OCP, run:</p>
<pre>npm ci
npm run build:dashboard</pre>
<p>Then load this page again.</p>
</html>
`;

interface ByName {
  readonly Params: { readonly name: string };
}

/** The dashboard's page, at `/dashboard`, from the folder that `npm run build:dashboard` writes. It is the same for everybody. */
export function addPageRoutes(server: FastifyInstance, folder: string): void {
  let files: PageFiles | undefined;
  const found = (): PageFiles | undefined => (files ??= readPageFiles(folder));
  const access = 'public';
  server.get('/dashboard', { config: { access, docs: { summary: 'The dashboard, a web page' } } }, (request, reply) => {
    const page = found()?.page;
    if (page !== undefined) return sendFile(request, reply, page, 'no-cache');
    return reply
      .code(503)
      .headers({ ...SECURITY_HEADERS, 'cache-control': 'no-store' })
      .type('text/html; charset=utf-8')
      .send(NOT_BUILT);
  });
  server.get<ByName>(
    '/dashboard/assets/:name',
    { config: { access, docs: { summary: 'A file of the dashboard; its name changes with what is in it' } } },
    (request, reply) => {
      const file = found()?.assets.get(request.params.name);
      if (file === undefined) throw new OcpError('not_found', 'The dashboard has no file of this name.');
      return sendFile(request, reply, file, 'public, max-age=31536000, immutable');
    },
  );
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile, caching: string): FastifyReply {
  void reply.headers({ ...SECURITY_HEADERS, 'cache-control': caching, etag: file.etag });
  addVary(reply, 'accept-encoding');
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//u, ''));
  if (known?.includes(file.etag) === true) return reply.code(304).send();
  const encoding = chooseEncoding(file, request.headers['accept-encoding']?.toString());
  if (encoding !== 'identity') void reply.header('content-encoding', encoding);
  return reply.type(file.type).send(file.bodies[encoding] ?? file.bodies.identity);
}
