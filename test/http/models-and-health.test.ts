import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { NotFoundError } from 'openai';
import type { Ocp } from '../support/ocp.ts';
import { packageRoot, startOcp } from '../support/ocp.ts';
import { clientOf, post, question, script } from './chat-support.ts';

suite('models and health', () => {
  let ocp: Ocp;

  before(async () => {
    // The CLI itself, also for what it is asked at the start.
    ocp = await startOcp({ env: { CLAUDE_BIN: join(packageRoot, 'node_modules/.bin/claude') } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  test('the package lists the models, ids only, and asks for one of them', async () => {
    const client = clientOf(ocp);
    const page = await client.models.list();
    const ids = page.data.map((model) => model.id);
    assert.equal(page.object, 'list');
    assert.ok(ids.includes('claude-sonnet-5-5') && ids.includes('claude-haiku-4-5-20251001'));
    assert.ok(ids.every((id) => id.startsWith('claude-')));
    assert.equal(new Set(ids).size, ids.length);
    for (const model of page.data) {
      assert.deepEqual([model.object, model.owned_by], ['model', 'anthropic']);
      assert.ok(Number.isInteger(model.created) && model.created > 1_700_000_000, model.id);
    }
    const [first] = page.data;
    assert.deepEqual(await client.models.retrieve(first?.id ?? ''), first);
    assert.equal((await client.models.retrieve('sonnet')).id, 'claude-sonnet-5-5');
  });

  test('one model has both shapes, under its id and its other names', async () => {
    const anthropic = new Anthropic({ baseURL: ocp.url, apiKey: 'none', maxRetries: 0 });
    for (const name of [
      'claude-haiku-4-5-20251001',
      'claude-haiku-4-5',
      'claude-haiku-4',
      'anthropic/claude-haiku-4.5',
    ]) {
      const model = await anthropic.models.retrieve(name);
      assert.deepEqual(
        [model.type, model.id, model.display_name, model.created_at],
        ['model', 'claude-haiku-4-5-20251001', 'Claude Haiku 4.5', '2025-10-15T00:00:00Z'],
        name,
      );
      assert.deepEqual([model.max_input_tokens, model.max_tokens], [200_000, 64_000]);
      assert.deepEqual(await clientOf(ocp).models.retrieve(name), model);
    }
    const ids: string[] = [];
    for await (const { id } of anthropic.models.list({ limit: 3 })) ids.push(id);
    assert.deepEqual(
      ids,
      (await clientOf(ocp).models.list()).data.map(({ id }) => id),
    );
  });

  test('a model that is not listed is a 404 in the shape of the API', async () => {
    for (const id of ['gpt-5', 'claude-unlisted-9']) {
      await assert.rejects(
        clientOf(ocp).models.retrieve(id),
        (error) => error instanceof NotFoundError && error.code === 'model_not_found' && error.param === 'model',
      );
    }
  });

  test('health has the members that monitors read, with true numbers', async () => {
    script(ocp, { reply: 'ok', times: 1 }, { reply: { kind: 'error', status: 403 } });
    await (await post(ocp, question('go'))).text();
    await (await post(ocp, question('go'))).text();
    const response = await fetch(`${ocp.url}/health`);
    assert.equal(response.status, 200);
    const health = (await response.json()) as Record<string, Record<string, unknown>>;
    assert.equal(health['status'], 'ok');
    for (const name of ['version', 'architecture', 'uptimeHuman', 'claudeBinary', 'authMode']) {
      assert.equal(typeof health[name], 'string', name);
    }
    assert.equal(typeof health['uptime'], 'number');
    assert.equal(health['claudeBinaryOk'], true);
    assert.equal(health['anonymousKey'], null);
    assert.equal(health['auth']?.['ok'], true);
    assert.ok(Number(health['auth']['lastCheck']) > 1_700_000_000_000);
    assert.equal(typeof health['auth']['message'], 'string');
    const { timeout, maxConcurrent, sessionTTL } = health['config'] ?? {};
    assert.deepEqual([timeout, maxConcurrent, sessionTTL], [600_000, 8, 3_600_000]);
    const { totalRequests, activeRequests, errors, timeouts } = health['stats'] ?? {};
    assert.deepEqual([totalRequests, activeRequests, errors, timeouts], [2, 0, 1, 0]);
    const [error] = health['recentErrors'] as unknown as { time: string; message: string }[];
    assert.match(error?.time ?? '', /^\d{4}-\d\d-\d\dT/u);
    assert.equal(error?.message, 'permission_denied');
  });

  test('callers from elsewhere do not see where the CLI lies', async () => {
    const response = await fetch(`${ocp.url}/health`, { headers: { 'x-forwarded-for': '192.0.2.7' } });
    const health = (await response.json()) as Record<string, unknown>;
    assert.equal(health['claudeBinary'], 'claude');
    assert.doesNotMatch(JSON.stringify(health), /\//u);
  });
});
