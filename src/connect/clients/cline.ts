import { join } from 'node:path';
import { firstFound, folderFrom } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { FileClient } from './client.ts';

function settingsFile({ env, home }: Machine): string {
  const named = folderFrom(env['CLINE_PROVIDER_SETTINGS_PATH'], home);
  if (named !== undefined) return named;
  const data = folderFrom(env['CLINE_DATA_DIR'], home);
  return join(
    data ?? join(folderFrom(env['CLINE_DIR'], home) ?? join(home, '.cline'), 'data'),
    'settings',
    'providers.json',
  );
}

/** Cline's command line, and its extension for VS Code since version 4. */
export const cline: FileClient = {
  id: 'cline',
  name: 'Cline',
  apis: ['chat', 'messages'],
  files: '~/.cline/data/settings/providers.json',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['cline', join(machine.home, '.cline')]),
  plan: (machine, offer, { api, isPrimary }) => {
    const provider = api === 'messages' ? 'anthropic' : 'openai-compatible';
    const entry = ['providers', provider];
    return {
      changes: [
        {
          path: settingsFile(machine),
          format: 'json',
          settings: () => [
            { path: ['version'], value: 1, ifAbsent: true },
            ...(isPrimary ? [{ path: ['lastUsedProvider'], value: provider }] : []),
            { path: ['modes'], value: {}, ifAbsent: true },
            { path: [...entry, 'settings', 'provider'], value: provider },
            { path: [...entry, 'settings', 'apiKey'], value: offer.key },
            { path: [...entry, 'settings', 'model'], value: offer.main.id },
            { path: [...entry, 'settings', 'baseUrl'], value: offer.baseUrl },
            // Cline wants a time; it writes its own when the user changes something.
            { path: [...entry, 'updatedAt'], value: '2026-01-01T00:00:00.000Z', ifAbsent: true },
            { path: [...entry, 'tokenSource'], value: 'manual', ifAbsent: true },
          ],
        },
      ],
      notes: [`In version 3 of its extension: provider "OpenAI Compatible", ${offer.baseUrl}, model ${offer.main.id}`],
    };
  },
  reload: 'Start Cline anew, or reload the window of the editor',
};
