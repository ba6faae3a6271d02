import { join } from 'node:path';
import { configHome, firstFound, folderFrom } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { FileClient } from './client.ts';
import { openCodeSettings, winningFile } from './opencode.ts';

function folder(machine: Machine): string {
  return join(configHome(machine), 'kilo');
}

/** Kilo's command line; its extension for VS Code runs the same program. It took over OpenCode's format. */
export const kilo: FileClient = {
  id: 'kilo',
  name: 'Kilo',
  apis: ['chat', 'responses', 'messages'],
  files: '~/.config/kilo/kilo.json',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['kilo', folder(machine)]),
  plan: (machine, offer, wishes) => {
    const path = folderFrom(machine.env['KILO_CONFIG'], machine.home) ?? winningFile(join(folder(machine), 'kilo'));
    return { changes: [{ path, format: 'json', settings: () => openCodeSettings(offer, wishes) }], notes: [] };
  },
  reload: 'Start Kilo anew',
};
