import { join } from 'node:path';
import type { Setting } from '../../edit/settings.ts';
import { firstFound } from '../machine.ts';
import type { Offer } from '../offer.ts';
import type { FileClient } from './client.ts';

/** Aider names models of OpenAI's API so, whoever serves them. */
function named(id: string): string {
  return `openai/${id}`;
}

export const aider: FileClient = {
  id: 'aider',
  name: 'Aider',
  apis: ['chat'],
  files: '~/.aider.conf.yml, ~/.aider.model.metadata.json',
  hasBackup: false,
  detect: (machine) =>
    firstFound(machine, ['aider', join(machine.home, '.aider.conf.yml'), join(machine.home, '.aider')]),
  plan: (machine, offer) => ({
    changes: [
      {
        path: join(machine.home, '.aider.conf.yml'),
        format: 'yaml',
        settings: () => [
          { path: ['model'], value: named(offer.main.id) },
          { path: ['weak-model'], value: named(offer.small.id) },
          { path: ['openai-api-base'], value: offer.baseUrl },
          { path: ['openai-api-key'], value: offer.key },
        ],
      },
      { path: join(machine.home, '.aider.model.metadata.json'), format: 'json', settings: () => metadata(offer) },
    ],
    notes: ['A .aider.conf.yml in a project still goes before this one'],
  }),
};

function metadata({ models }: Offer): readonly Setting[] {
  return models.flatMap(({ id, contextWindow, maxOutputTokens }) => {
    if (contextWindow === undefined || maxOutputTokens === undefined) return [];
    const value = {
      max_input_tokens: contextWindow,
      max_output_tokens: maxOutputTokens,
      max_tokens: maxOutputTokens,
      litellm_provider: 'openai',
      mode: 'chat',
      supports_vision: true,
    };
    return [{ path: [named(id)], value, ours: 1 }];
  });
}
