import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { adminKey, asAdmin, bearer, newKey, remote, send, startMulti } from '../support/admin.ts';
import type { Ocp } from '../support/ocp.ts';
import { post, question, script } from './chat-support.ts';

/** What must be found nowhere; long enough to be nothing else. */
const canary = 'kanarienvogel7f3a91c5e2';
const canaryKey = `ocp_${canary}${'x'.repeat(9)}`;

/** Every file below a folder, as text. */
function filesBelow(folder: string): readonly [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, 'latin1')];
    });
}

/** The beginning of a stream that does not end by itself. */
async function firstWords(ocp: Pick<Ocp, 'url'>, path: string, headers: Record<string, string>): Promise<string> {
  const { body } = await fetch(`${ocp.url}${path}`, { headers });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value = '' } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return value;
}

suite('a secret that is sent', { timeout: 120_000 }, () => {
  test('in any header or body is in no log, file, error or answer of OCP', async () => {
    await using ocp = await startMulti({ env: { OCP_RESPONSES_TTL: '0' } });
    script(ocp, { reply: 'fine' });
    const { key } = await newKey(ocp, { name: 'laptop' });
    const document = (await send(ocp, 'GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    const headers = [
      { authorization: `Bearer ${canaryKey}` },
      { authorization: `Basic ${canary}` },
      { 'x-api-key': canaryKey },
      { 'api-key': canary },
      { cookie: `a=${canary}` },
      { 'user-agent': 'curl/8', 'x-request-id': canary, 'x-secret': canary },
    ];
    const seen: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) {
        const target = path.replaceAll(/\{\w+\}/g, 'nobody');
        const takesBody = method === 'post' || method === 'patch';
        for (const secret of headers) {
          const sent = { ...remote, ...secret };
          seen.push(
            path === '/api/events'
              ? await firstWords(ocp, target, sent)
              : (await send(ocp, method.toUpperCase(), target, takesBody ? {} : undefined, sent)).text,
          );
        }
        if (!takesBody) continue;
        // What a body says may come back in the error of whoever sent it, but is kept nowhere.
        for (const body of [{ [canary]: canary }, { daily: canary }, `{"a": "${canary}`, { messages: canary }]) {
          await send(ocp, method.toUpperCase(), target, body, { ...remote, ...bearer(adminKey) });
        }
      }
    }
    const chat = await post(ocp, question(canary, { user: canary }), { ...remote, ...bearer(key), 'x-secret': canary });
    assert.equal(chat.status, 200);
    await asAdmin(ocp, 'DELETE', '/sessions');
    const usage = ['/api/usage?all=true', '/usage', '/status', '/metrics', '/cache/stats'];
    const admin = ['/api/keys', '/api/audit', '/logs?n=200', '/settings', '/sessions', '/health', ...usage];
    for (const path of admin) {
      const { status, text } = await asAdmin(ocp, 'GET', path);
      assert.equal(status, 200, path);
      seen.push(text);
    }
    for (const text of [...seen, ...ocp.log]) assert.ok(!text.includes(canary), text);
    await ocp.stop();
    const files = filesBelow(join(ocp.home, 'ocp'));
    assert.ok(files.some(([path]) => path.endsWith('ocp.db')) && files.some(([path]) => path.endsWith('ocp.log')));
    for (const secret of [canary, key.slice(4), adminKey]) {
      assert.deepEqual(
        files.filter(([, text]) => text.includes(secret)).map(([path]) => path),
        [],
      );
    }
  });
});
