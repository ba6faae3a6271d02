import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModels } from '../../src/claude/models.ts';
import { packageRoot } from '../support/ocp.ts';

const json: unknown = JSON.parse(readFileSync(join(packageRoot, 'models.json'), 'utf8'));
const catalogue = loadModels(json);
const names = new Set([...catalogue.models.map(({ id }) => id), ...catalogue.legacyAliases.keys()]);

/** Names of models in the code of a source text; comments may give examples. */
function modelsIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*.*?\*\//gsu, '').replaceAll(/(?<![:'"])\/\/.*$/gmu, '');
  return [...code.matchAll(/claude-(?:opus|sonnet|haiku|fable)-[0-9][\w-]*/gu)].map(([name]) => name);
}

test('no model stands in the source besides models.json', () => {
  const files = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:ts|tsx|js|mjs|html)$/u.test(name),
  );
  assert.ok(files.length > 100);
  const found = files.flatMap((file) =>
    modelsIn(readFileSync(join(packageRoot, 'src', file), 'utf8')).map((name) => `${file}: ${name}`),
  );
  assert.deepEqual(found, []);
});

test('a model in the source is found, in code and not in comments', () => {
  const [id = ''] = names;
  assert.deepEqual(modelsIn(`/** ${id} */ const model = '${id}'; // ${id}`), [id]);
});

test('a model is added by one entry of one file', () => {
  const file = json as { readonly models: readonly object[]; readonly aliases: Readonly<Record<string, string>> };
  const entry = { ...file.models[0], id: 'claude-saga-6', displayName: 'Claude Saga 6' };
  const more = loadModels({
    ...file,
    models: [...file.models, entry],
    aliases: { ...file.aliases, saga: 'claude-saga-6' },
  });
  assert.equal(more.models.at(-1)?.displayName, 'Claude Saga 6');
  assert.equal(more.aliases.get('saga'), 'claude-saga-6');
});
