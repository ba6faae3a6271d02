import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseCountTokens } from '../../../src/wire/anthropic/count-tokens.ts';
import { anthropicMessages } from '../../../src/wire/anthropic/surface.ts';
import { isObject } from '../../../src/wire/json.ts';
import { onePixel } from '../../support/recordings.ts';

/** Requests recorded from real clients; they lie beside the checkout and are not part of it. */
const folder = new URL('../../../../shared/client-recordings/', import.meta.url);

interface Recording {
  readonly name: string;
  readonly url: string;
  readonly body: Record<string, unknown>;
}

function recordings(): Recording[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const recording: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      if (!isObject(recording) || !isObject(recording['body'])) return [];
      return [{ name, url: String(recording['url']), body: recording['body'] }];
    })
    .filter(({ url }) => url.startsWith('/v1/messages'));
}

/** Recordings have long strings cut; of an image's bytes only the beginning would be left. */
function withWholeImages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeImages);
  if (!isObject(value)) return value;
  const cut = value['type'] === 'base64' && /…\[\d+ chars\]$|^iVBORw0KGgo=$/.test(String(value['data']));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, cut && key === 'data' ? onePixel : withWholeImages(member)]),
  );
}

/** How many blocks of each type are in some messages, at any depth. */
function blockTypes(value: unknown, counts = new Map<string, number>()): Map<string, number> {
  if (typeof value !== 'object' || value === null) return counts;
  const type = isObject(value) ? value['type'] : undefined;
  if (typeof type === 'string') counts.set(type, (counts.get(type) ?? 0) + 1);
  for (const [key, member] of Object.entries(value)) {
    if (key !== 'input' && key !== 'cache_control') blockTypes(member, counts);
  }
  return counts;
}

test(
  'every recorded request of a real client is understood, block by block',
  { skip: existsSync(folder) ? false : 'the recordings are not beside this checkout' },
  async (t) => {
    for (const { name, url, body } of recordings()) {
      await t.test(name, () => {
        const whole = withWholeImages(body);
        const counting = url.includes('count_tokens');
        const { request } = counting ? parseCountTokens(whole) : anthropicMessages.parse(whole, {});
        assert.equal(request.messages.at(-1)?.role, 'user');
        assert.equal(request.model, body['model']);
        assert.equal(JSON.stringify(request).includes('cache_control'), false);
        const expected = blockTypes(body['messages']);
        const actual = blockTypes(request.messages);
        for (const kind of ['image', 'tool_use', 'tool_result', 'thinking']) {
          assert.equal(actual.get(kind), expected.get(kind), kind);
        }
      });
    }
  },
);
