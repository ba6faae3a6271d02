import type { Endpoint, SettingsFile } from './settings-file.ts';
import { jsonFile, model } from './settings-file.ts';

/** `api` decides the surface. */
export function openClawSettings(
  { url, key }: Endpoint,
  api: 'openai-completions' | 'openai-responses' | 'anthropic-messages',
): SettingsFile {
  const entry = {
    id: model,
    name: 'Claude Sonnet 5.5 (OCP)',
    reasoning: true,
    input: ['text', 'image'],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 200_000,
    maxTokens: 64_000,
    ...(api === 'openai-completions'
      ? { compat: { supportsReasoningEffort: true, supportsUsageInStreaming: true, maxTokensField: 'max_tokens' } }
      : {}),
  };
  const baseUrl = api === 'anthropic-messages' ? url : `${url}/v1`;
  return jsonFile('.openclaw/openclaw.json', {
    models: { providers: { ocp: { baseUrl, apiKey: key, api, timeoutSeconds: 600, models: [entry] } } },
    agents: { defaults: { model: { primary: `ocp/${model}` } } },
  });
}
