import { join } from 'node:path';
import { isLoopbackUrl } from '../address.ts';
import { firstFound, folderFrom } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { FileClient } from './client.ts';

function folder(machine: Machine): string {
  return folderFrom(machine.env['CLAUDE_CONFIG_DIR'], machine.home) ?? join(machine.home, '.claude');
}

/** Claude Code. Its settings win over the environment of whoever starts it. */
export const claudeCode: FileClient = {
  id: 'claude-code',
  name: 'Claude Code',
  apis: ['messages'],
  files: '~/.claude/settings.json',
  hasBackup: false,
  detect: (machine) => firstFound(machine, ['claude', folder(machine)]),
  careful: ({ url }) =>
    isLoopbackUrl(url)
      ? 'Claude Code would use OCP in every project, in place of its own login. The CLI that OCP itself runs does not read these settings.'
      : 'Claude Code would use OCP in every project, in place of its own login.',
  plan: (machine, offer) => {
    const { opus, sonnet, haiku } = offer.families;
    const values: Readonly<Record<string, string | undefined>> = {
      ANTHROPIC_BASE_URL: offer.url,
      ANTHROPIC_AUTH_TOKEN: offer.key,
      ANTHROPIC_DEFAULT_OPUS_MODEL: opus,
      ANTHROPIC_DEFAULT_SONNET_MODEL: sonnet,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: haiku,
    };
    const settings = Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [{ path: ['env', name], value }],
    );
    return {
      changes: [{ path: join(folder(machine), 'settings.json'), format: 'json', settings: () => settings }],
      notes: [],
    };
  },
  reload: 'Start Claude Code anew',
};
