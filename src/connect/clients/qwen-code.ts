import { join } from 'node:path';
import type { Setting } from '../../edit/settings.ts';
import { firstFound } from '../machine.ts';
import type { Api } from '../api.ts';
import type { Offer } from '../offer.ts';
import type { FileClient } from './client.ts';
import { urlFor } from './client.ts';
import { labelledList, labelOf, mainFirst } from './labelled.ts';

const keyVariable = 'OCP_API_KEY';

export const qwenCode: FileClient = {
  id: 'qwen-code',
  name: 'Qwen Code',
  apis: ['chat', 'responses', 'messages'],
  files: '~/.qwen/settings.json',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['qwen', join(machine.home, '.qwen')]),
  plan: (machine, offer, { api, isPrimary }) => ({
    changes: [
      {
        path: join(machine.home, '.qwen', 'settings.json'),
        format: 'json',
        settings: (present) => settings(present, offer, api, isPrimary),
      },
    ],
    notes: [],
  }),
  reload: 'Start Qwen Code anew',
};

function settings(present: unknown, offer: Offer, api: Api, isPrimary: boolean): readonly Setting[] {
  const provider = api === 'messages' ? 'anthropic' : 'openai';
  const entries = mainFirst(offer.models, offer.main).map(({ id, name, contextWindow }) => ({
    name: labelOf(name),
    id,
    baseUrl: urlFor(api, offer, false),
    envKey: keyVariable,
    ...(api === 'responses' ? { wireApi: 'responses' } : {}),
    generationConfig: {
      ...(contextWindow === undefined ? {} : { contextWindowSize: contextWindow }),
      modalities: { image: true, pdf: true },
    },
  }));
  const other = provider === 'openai' ? 'anthropic' : 'openai';
  return [
    ...labelledList(present, ['modelProviders', other], 'name', [], false),
    ...labelledList(present, ['modelProviders', provider], 'name', entries, false),
    { path: ['env', keyVariable], value: offer.key, ours: 2 },
    ...(isPrimary
      ? [
          { path: ['security', 'auth', 'selectedType'], value: provider },
          { path: ['model', 'name'], value: offer.main.id },
        ]
      : []),
  ];
}
