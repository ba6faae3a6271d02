import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '../../edit/settings.ts';
import { ourSettings } from '../../edit/settings.ts';
import { configHome, firstFound, folderFrom } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Api } from '../api.ts';
import type { Offer } from '../offer.ts';
import type { ListedModel } from '../server.ts';
import type { FileClient, Wishes } from './client.ts';

const id = 'ocp';

/** Packages that OpenCode brings along; each speaks one API, all of them with `/v1` in the URL. */
const packages: Readonly<Record<Api, string>> = {
  chat: '@ai-sdk/openai-compatible',
  responses: '@ai-sdk/openai',
  messages: '@ai-sdk/anthropic',
};

function folder(machine: Machine): string {
  return folderFrom(machine.env['OPENCODE_CONFIG_DIR'], machine.home) ?? join(configHome(machine), 'opencode');
}

export const openCode: FileClient = {
  id: 'opencode',
  name: 'OpenCode',
  apis: ['chat', 'responses', 'messages'],
  files: '~/.config/opencode/opencode.json',
  hasBackup: true,
  detect: (machine) =>
    firstFound(machine, ['opencode', folder(machine), join(machine.home, '.opencode', 'bin', 'opencode')]),
  plan: (machine, offer, wishes) => {
    const path =
      folderFrom(machine.env['OPENCODE_CONFIG'], machine.home) ?? winningFile(join(folder(machine), 'opencode'));
    return {
      changes: [{ path, format: 'json', settings: () => openCodeSettings(offer, wishes) }],
      notes: [],
    };
  },
  reload: 'Start OpenCode anew',
};

/** Where both `.json` and `.jsonc` exist, the second one wins. */
export function winningFile(stem: string): string {
  return existsSync(`${stem}.jsonc`) ? `${stem}.jsonc` : `${stem}.json`;
}

/** The settings of OpenCode and of those that took over its format. */
export function openCodeSettings(offer: Offer, { api, isPrimary }: Wishes): readonly Setting[] {
  const provider = {
    npm: packages[api],
    name: 'OCP',
    options: { baseURL: offer.baseUrl, apiKey: offer.key },
    models: Object.fromEntries(offer.models.map((model) => [model.id, entryOf(model)])),
  };
  return [
    ...ourSettings(['provider', id], provider, ['models']),
    ...(isPrimary
      ? [
          { path: ['model'], value: `${id}/${offer.main.id}` },
          // Titles would go to another provider otherwise.
          { path: ['small_model'], value: `${id}/${offer.small.id}` },
        ]
      : []),
  ];
}

function entryOf({ name, contextWindow, maxOutputTokens }: ListedModel): object {
  return {
    name,
    attachment: true,
    reasoning: true,
    tool_call: true,
    // Images would be replaced by text otherwise.
    modalities: { input: ['text', 'image', 'pdf'], output: ['text'] },
    ...(contextWindow === undefined || maxOutputTokens === undefined
      ? {}
      : { limit: { context: contextWindow, output: maxOutputTokens } }),
  };
}
