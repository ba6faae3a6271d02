import type { Endpoint, SettingsFile } from './settings-file.ts';
import { model } from './settings-file.ts';

/** `provider` decides the surface: `openai` or `anthropic`. */
export function continueSettings({ url, key }: Endpoint, provider: string): SettingsFile {
  const text = `name: OCP
version: 1.0.0
schema: v1
models:
  - name: Claude Sonnet 5.5 (OCP)
    provider: ${provider}
    model: ${model}
    apiBase: ${url}/v1/
    apiKey: ${key}
    capabilities: [tool_use, image_input]
    roles: [chat, edit, apply, summarize]
`;
  return { path: '.continue/config.yaml', language: 'yaml', text };
}
