import type { Endpoint, SettingsFile } from './settings-file.ts';
import { jsonFile, model, smallModel } from './settings-file.ts';

/** `npm` names the provider package, which decides the surface. */
export function openCodeSettings(endpoint: Endpoint, npm: string): SettingsFile {
  return jsonFile('.config/opencode/opencode.json', settings(endpoint, npm));
}

/** Kilo reads the same settings as OpenCode. */
export function kiloSettings(endpoint: Endpoint): SettingsFile {
  return jsonFile('.config/kilo/kilo.json', settings(endpoint, '@ai-sdk/openai-compatible'));
}

function settings({ url, key }: Endpoint, npm: string): object {
  return {
    model: `ocp/${model}`,
    small_model: `ocp/${smallModel}`,
    provider: {
      ocp: {
        npm,
        name: 'OCP',
        options: { baseURL: `${url}/v1`, apiKey: key },
        models: {
          [model]: {
            name: 'Claude Sonnet 5.5',
            attachment: true,
            reasoning: true,
            tool_call: true,
            modalities: { input: ['text', 'image', 'pdf'], output: ['text'] },
            limit: { context: 200_000, output: 64_000 },
          },
          [smallModel]: { name: 'Claude Haiku 5.5' },
        },
      },
    },
  };
}
