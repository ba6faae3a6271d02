import type { Endpoint, SettingsFile } from './settings-file.ts';
import { model } from './settings-file.ts';

export function codexSettings({ url, key }: Endpoint): SettingsFile {
  const text = `model = "${model}"
model_provider = "ocp"

[model_providers.ocp]
name = "OCP"
base_url = "${url}/v1"
wire_api = "responses"
experimental_bearer_token = "${key}"
`;
  return { path: '.codex/config.toml', language: 'toml', text };
}
