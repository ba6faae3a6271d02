import type { Endpoint, SettingsFile } from './settings-file.ts';
import { jsonFile } from './settings-file.ts';

export function claudeCodeSettings({ url, key }: Endpoint): SettingsFile {
  return jsonFile('.claude/settings.json', {
    env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  });
}
