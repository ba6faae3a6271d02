import type { Endpoint, SettingsFile } from './settings-file.ts';
import { jsonFile, model } from './settings-file.ts';

export function qwenCodeSettings(
  { url, key }: Endpoint,
  surface: 'openai-chat' | 'openai-responses' | 'anthropic-messages',
): SettingsFile {
  const isAnthropic = surface === 'anthropic-messages';
  const provider = isAnthropic ? 'anthropic' : 'openai';
  const entry = {
    id: model,
    name: 'Claude Sonnet 5.5 (OCP)',
    baseUrl: isAnthropic ? url : `${url}/v1`,
    envKey: 'OCP_API_KEY',
    ...(surface === 'openai-responses' ? { wireApi: 'responses' } : {}),
    generationConfig: { contextWindowSize: 200_000, modalities: { image: true, pdf: true } },
  };
  return jsonFile('.qwen/settings.json', {
    modelProviders: { [provider]: [entry] },
    env: { OCP_API_KEY: key },
    security: { auth: { selectedType: provider } },
    model: { name: model },
  });
}
