import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { addPageRoutes } from '../../../src/http/dashboard/page-routes.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { packageRoot } from '../../support/ocp.ts';

test('the page is served compressed, asked about anew, and its files are kept for good', async (t) => {
  const folder = temporaryFolder(t);
  const server = fastify();
  addPageRoutes(server, folder);
  const missing = await server.inject('/dashboard');
  assert.equal(missing.statusCode, 503);
  assert.match(missing.body, /npm run build:dashboard/u);

  mkdirSync(join(folder, 'assets'));
  const put = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(text));
  };
  put('index.html', '<!doctype html>');
  put('assets/index-1234.js', 'let a = 1;');

  const page = await server.inject('/dashboard');
  assert.equal(page.statusCode, 200);
  assert.equal(page.headers['cache-control'], 'no-cache');
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/u);
  assert.doesNotMatch(policy, /unsafe|\*/u);
  const again = await server.inject({ url: '/dashboard', headers: { 'if-none-match': String(page.headers.etag) } });
  assert.deepEqual([again.statusCode, again.body], [304, '']);

  for (const [accepted, encoding] of [
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['', undefined],
  ] as const) {
    const file = await server.inject({
      url: '/dashboard/assets/index-1234.js',
      headers: { 'accept-encoding': accepted },
    });
    assert.equal(file.headers['content-encoding'], encoding, accepted);
    assert.match(String(file.headers['cache-control']), /immutable/u);
  }
  for (const name of ['index-9999.js', '..%2findex.html', 'index-1234.js.br']) {
    assert.equal((await server.inject(`/dashboard/assets/${name}`)).statusCode, 404, name);
  }
  await server.close();
});

test('the built page holds no script or style of its own, and nothing from elsewhere', () => {
  const html = readFileSync(join(packageRoot, 'dist/dashboard/index.html'), 'utf8');
  assert.doesNotMatch(html, /<style|style=|<script(?![^>]*\ssrc=)|\son\w+=|href="http|src="http/u);
});
