import type { Endpoint, SettingsFile } from './settings-file.ts';
import { jsonFile, model } from './settings-file.ts';

/** `provider` decides the surface: `openai-compatible` or `anthropic`. */
export function clineSettings({ url, key }: Endpoint, provider: string): SettingsFile {
  return jsonFile('.cline/data/settings/providers.json', {
    version: 1,
    lastUsedProvider: provider,
    modes: {},
    providers: {
      [provider]: {
        settings: { provider, apiKey: key, model, baseUrl: `${url}/v1` },
        updatedAt: '2026-01-01T00:00:00.000Z',
        tokenSource: 'manual',
      },
    },
  });
}
