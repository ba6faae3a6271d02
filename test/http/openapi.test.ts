import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { addOpenApi } from '../../src/http/openapi.ts';
import { asAdmin, send, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';

type Json = Record<string, unknown>;

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly Json[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Json }> };
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: Json }> }>;
}

test('the description is made from the schemas that check the requests', async () => {
  await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  const reply = await send(ocp, 'GET', '/openapi.json');
  assert.equal(reply.status, 200);
  const document = reply.body as { openapi: string; paths: Record<string, Record<string, Operation>> };
  assert.equal(document.openapi, '3.1.0');
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length, 'operations share an id');
  for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/responses', '/health', '/api/keys', '/settings']) {
    assert.ok(path in document.paths, path);
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) {
      const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      assert.equal(named.length, path.split('{').length - 1, path);
      assert.equal(operation.security.length === 0, operation.tags[0] === 'public', path);
    }
  }
  const create = document.paths['/api/keys']?.['post'];
  const body = create?.requestBody?.content['application/json']?.schema;
  assert.partialDeepStrictEqual(body, { properties: { expiresAt: {}, limits: {} }, additionalProperties: false });
  const chat = document.paths['/v1/chat/completions']?.['post'];
  const chatBody = chat?.requestBody?.content['application/json']?.schema;
  assert.partialDeepStrictEqual(chatBody?.['properties'], { messages: {}, model: {} });
  assert.deepEqual(Object.keys(chat?.responses['200']?.content ?? {}), ['application/json', 'text/event-stream']);
  assert.deepEqual(
    document.paths['/logs']?.['get']?.parameters?.map(({ name }) => name),
    ['n', 'level'],
  );
  assert.ok(!reply.text.includes('"#/$defs'), 'a reference that leads nowhere');
});

test('a route that does not say what it is cannot be added', () => {
  const server = fastify();
  addOpenApi(server, '1');
  assert.throws(() => server.get('/secret', () => 'x'), /does not say who may call it/);
});

test('the answers of the admin have the shapes that the description promises', async () => {
  await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  const { paths } = (await send(ocp, 'GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, Operation>>;
  };
  await asAdmin(ocp, 'POST', '/api/keys', { name: 'laptop' });
  for (const path of [
    '/api/keys',
    '/api/keys/{idOrName}/quota',
    '/settings',
    '/sessions',
    '/logs',
    '/api/audit',
    '/api/audit/verify',
  ]) {
    const { status, body } = await asAdmin(ocp, 'GET', path.replace('{idOrName}', 'laptop'));
    assert.equal(status, 200, path);
    const schema = paths[path]?.['get']?.responses['200']?.content['application/json']?.schema;
    const properties = (schema?.['properties'] ?? {}) as Json;
    if (path !== '/settings')
      assert.deepEqual(Object.keys(body as Json).toSorted(), Object.keys(properties).toSorted());
  }
});
