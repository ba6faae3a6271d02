import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '../../edit/settings.ts';
import { ourSettings } from '../../edit/settings.ts';
import { applicationData } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Api } from '../api.ts';
import type { Offer } from '../offer.ts';
import type { FileClient } from './client.ts';
import { cautiousContext, cautiousOutput } from './client.ts';
import { labelOf } from './labelled.ts';

const editions = ['Code', 'Code - Insiders', 'VSCodium'];

/** The folders of the editions that were started here before. */
function folders(machine: Machine): readonly string[] {
  return editions.map((name) => join(applicationData(machine), name, 'User')).filter((path) => existsSync(path));
}

const types: Readonly<Record<Api, readonly [string, string]>> = {
  messages: ['messages', '/messages'],
  chat: ['chat-completions', '/chat/completions'],
  responses: ['responses', '/responses'],
};

/** Chat in VS Code with models of one's own. */
export const vsCode: FileClient = {
  id: 'vscode',
  name: 'VS Code Chat',
  apis: ['messages', 'chat', 'responses'],
  files: '~/.config/Code/User/chatLanguageModels.json',
  hasBackup: true,
  detect: (machine) => folders(machine)[0],
  plan: (machine, offer, { api }) => {
    const [first = join(applicationData(machine), 'Code', 'User'), ...others] = folders(machine);
    return {
      changes: [first, ...others].map((folder) => ({
        path: join(folder, 'chatLanguageModels.json'),
        format: 'json' as const,
        settings: () => settings(offer, api),
      })),
      notes: [
        'Choose a model of OCP in the list below the chat; profiles other than the default have files of their own',
      ],
    };
  },
  reload: 'Reload the window of VS Code',
};

function settings(offer: Offer, api: Api): readonly Setting[] {
  const [apiType, path] = types[api];
  const entry = {
    name: 'OCP',
    vendor: 'customendpoint',
    apiType,
    models: offer.models.map(({ id, name, contextWindow = cautiousContext, maxOutputTokens = cautiousOutput }) => ({
      id,
      name: labelOf(name),
      url: `${offer.baseUrl}${path}`,
      toolCalling: true,
      vision: true,
      maxInputTokens: contextWindow - maxOutputTokens,
      maxOutputTokens,
      thinking: true,
      ...(api === 'responses' ? { statefulResponses: false } : {}),
      // A key of its own is ignored in the file; as a header it takes the place of the one that VS Code would send.
      requestHeaders: api === 'messages' ? { 'x-api-key': offer.key } : { Authorization: `Bearer ${offer.key}` },
    })),
  };
  return ourSettings([{ by: 'name', is: 'OCP' }], entry, ['models']);
}
