import { join } from 'node:path';
import { ourSettings } from '../../edit/settings.ts';
import { configHome, firstFound } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Api } from '../api.ts';
import type { Offer } from '../offer.ts';
import type { FileClient } from './client.ts';
import { cautiousContext } from './client.ts';

const id = 'ocp';

function folder(machine: Machine): string {
  return join(configHome(machine), 'goose');
}

export const goose: FileClient = {
  id: 'goose',
  name: 'Goose',
  apis: ['chat', 'messages'],
  files: '~/.config/goose/custom_providers/ocp.json, ~/.config/goose/config.yaml',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['goose', folder(machine)]),
  plan: (machine, offer, { api, isPrimary }) => ({
    changes: [
      {
        path: join(folder(machine), 'custom_providers', `${id}.json`),
        format: 'json',
        settings: () =>
          Object.entries(provider(offer, api)).flatMap(([name, value]) => ourSettings([name], value, [], 1)),
      },
      ...(isPrimary
        ? [
            {
              path: join(folder(machine), 'config.yaml'),
              format: 'yaml' as const,
              settings: () => [
                { path: ['GOOSE_PROVIDER'], value: id },
                { path: ['GOOSE_MODEL'], value: offer.main.id },
              ],
            },
          ]
        : []),
    ],
    notes: [],
  }),
};

/** Goose takes keys from the keychain or the environment only, so the file sends it as a header. */
function provider(offer: Offer, api: Api): Readonly<Record<string, unknown>> {
  return {
    name: id,
    engine: api === 'messages' ? 'anthropic' : 'openai',
    display_name: 'OCP',
    base_url: api === 'messages' ? offer.url : `${offer.baseUrl}/chat/completions`,
    models: offer.models.map((model) => ({ name: model.id, context_limit: model.contextWindow ?? cautiousContext })),
    headers: { Authorization: `Bearer ${offer.key}` },
    supports_streaming: true,
    requires_auth: false,
    dynamic_models: false,
  };
}
