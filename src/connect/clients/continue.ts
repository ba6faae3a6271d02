import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '../../edit/settings.ts';
import { firstFound, folderFrom } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Api } from '../api.ts';
import type { Offer } from '../offer.ts';
import type { FileClient } from './client.ts';
import { labelledList, labelOf, mainFirst } from './labelled.ts';

function folder(machine: Machine): string {
  return folderFrom(machine.env['CONTINUE_GLOBAL_DIR'], machine.home) ?? join(machine.home, '.continue');
}

function providerFor(api: Api): string {
  return api === 'messages' ? 'anthropic' : 'openai';
}

/** Continue: its command line `cn` and its extensions read the same file. */
export const continueDev: FileClient = {
  id: 'continue',
  name: 'Continue',
  apis: ['chat', 'messages'],
  files: '~/.continue/config.yaml',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['cn', folder(machine)]),
  plan: (machine, offer, { api, isPrimary }) => {
    const path = join(folder(machine), 'config.yaml');
    const older = join(folder(machine), 'config.json');
    // A config.yaml would hide the older file.
    if (!existsSync(path) && existsSync(older)) {
      return {
        changes: [
          { path: older, format: 'json', settings: (present) => olderSettings(present, offer, api, isPrimary) },
        ],
        notes: ['This is the older form of its configuration, which its command line does not read'],
      };
    }
    return {
      changes: [{ path, format: 'yaml', settings: (present) => settings(present, offer, api, isPrimary) }],
      notes: isPrimary ? ['A model that was chosen in its window before stays chosen there'] : [],
    };
  },
  reload: 'Reload the window of the editor',
};

function settings(present: unknown, offer: Offer, api: Api, isFirst: boolean): readonly Setting[] {
  const entries = mainFirst(offer.models, offer.main).map(({ id, name }) => ({
    name: labelOf(name),
    provider: providerFor(api),
    model: id,
    apiBase: `${offer.baseUrl}/`,
    apiKey: offer.key,
    capabilities: ['tool_use', 'image_input'],
    roles: ['chat', 'edit', 'apply', 'summarize'],
  }));
  return [
    { path: ['name'], value: 'OCP', ifAbsent: true },
    { path: ['version'], value: '1.0.0', ifAbsent: true },
    { path: ['schema'], value: 'v1', ifAbsent: true },
    ...labelledList(present, ['models'], 'name', entries, isFirst),
  ];
}

function olderSettings(present: unknown, offer: Offer, api: Api, isFirst: boolean): readonly Setting[] {
  const entries = mainFirst(offer.models, offer.main).map(({ id, name }) => ({
    title: labelOf(name),
    provider: providerFor(api),
    model: id,
    apiBase: `${offer.baseUrl}/`,
    apiKey: offer.key,
  }));
  return labelledList(present, ['models'], 'title', entries, isFirst);
}
