import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startOcp } from '../support/ocp.ts';

test('a worker whose API address is OCP itself is told so at once, instead of going round in a circle', async () => {
  // Stands where the operator's mistake would put OCP: it passes the worker's call on to OCP.
  let target = '';
  let calls = 0;
  const mirror = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    calls += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = { ...(request.headers as Record<string, string>) };
      delete headers['host'];
      delete headers['content-length'];
      void fetch(`${target}${request.url}`, { method: 'POST', headers, body: Buffer.concat(chunks) }).then(
        async (reply) => {
          response.writeHead(reply.status, { 'content-type': 'application/json' });
          response.end(await reply.text());
        },
      );
    });
  });
  await new Promise<void>((resolve) => {
    mirror.listen(0, '127.0.0.1', resolve);
  });
  const address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
  {
    await using ocp = await startOcp({ env: { ANTHROPIC_BASE_URL: address } });
    target = ocp.url;
    const reply = await fetch(`${ocp.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sonnet', max_tokens: 10, messages: [{ role: 'user', content: 'hello' }] }),
    });
    assert.equal(reply.status, 400);
    assert.match(await reply.text(), /own workers/);
    assert.ok(calls <= 6, `the CLI may repeat a refused call, but nothing multiplies: ${calls}`);
  }
  mirror.closeAllConnections();
  mirror.close();
});
