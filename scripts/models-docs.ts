import * as z from 'zod';
import type { ModelCatalogue, Price } from '../src/claude/models.ts';
import { modelsFile } from '../src/claude/models.ts';

/** models.schema.json: what models.json may hold, for editors, from the schema by which OCP reads it. */
export function modelsSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(modelsFile, { io: 'input' }), undefined, 2)}\n`;
}

/** docs/models.md: the models, from models.json. */
export function modelsPage({ models, aliases, legacyAliases, default: preset }: ModelCatalogue): string {
  const namesOf = (id: string): string =>
    names([...aliases].filter(([, target]) => target === id).map(([name]) => name));
  return [
    '# Models',
    '',
    '<!-- Written by `npm run docs` from models.json; changes made here are lost. -->',
    '',
    '`models.json` is the only list of models: endpoints, cost, limits, the tools that `ocp connect` and `ocp sync` set up, and this',
    'page are made from it. A model that the installed CLI lists and this file does not is offered all the same, without a',
    `window and a price, and \`ocp doctor\` names it. A request without a model gets \`${preset}\`. Other names that begin with`,
    '`claude-` are passed on to the CLI as they are.',
    '',
    '`GET /v1/models` dates each model by its release. A model that only the CLI lists has the date in its id, or else that of',
    '`models.json`: Anthropic gives no other, and both APIs require one.',
    '',
    'Tokens are those that the model sees through the CLI. Prices are list prices in USD for a million tokens: of input, output,',
    'writing to the prompt cache, and reading from it.',
    '',
    'Thinking is *off* where a model cannot, *optional* where it does when asked, *adaptive* where it decides by itself unless it',
    'is told not to, and *always* where it cannot be told. In brackets are the values of `thinking.type` that it takes. A request',
    "that asks for nothing sends nothing, so that the model's own default holds. `models.json` names the source of each word.",
    '',
    '| Model | Short name | Window | Longest answer | Effort | Thinking | Input | Output | Cache write | Cache read |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...models.flatMap((model) => [
      `| \`${model.id}\` | ${namesOf(model.id)} | ${count(model.contextWindow)} | ${count(model.maxOutputTokens)} | ${model.effort.join(', ') || 'none'} | ${model.thinking ?? 'unknown'} (${names(model.thinkingTypes)}) | ${prices(model.price)} |`,
      ...(model.longPrompt === undefined
        ? []
        : [`| … over ${count(model.longPrompt.overTokens)} tokens | | | | | | ${prices(model.longPrompt.price)} |`]),
    ]),
    '',
    `Names of earlier days that still work: ${[...legacyAliases].map(([name, id]) => `\`${name}\` (\`${id}\`)`).join(', ')}.`,
    '',
  ].join('\n');
}

function names(list: readonly string[]): string {
  return list.map((name) => `\`${name}\``).join(', ');
}

function count(tokens: number | undefined): string {
  return tokens === undefined ? 'unknown' : tokens.toLocaleString('en-US').replaceAll(',', ' ');
}

function prices(price: Price | undefined): string {
  return price === undefined
    ? '| | |'
    : [price.input, price.output, price.cacheWrite, price.cacheRead].map((one) => String(one)).join(' | ');
}
