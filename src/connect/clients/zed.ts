import { join } from 'node:path';
import { ourSettings } from '../../edit/settings.ts';
import { configHome, firstFound } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Offer } from '../offer.ts';
import type { FileClient } from './client.ts';
import { cautiousContext, cautiousOutput } from './client.ts';
import { labelOf } from './labelled.ts';

const id = 'ocp';

/** Also on macOS; only XDG_CONFIG_HOME moves it. */
function folder(machine: Machine): string {
  return join(configHome(machine), 'zed');
}

export const zed: FileClient = {
  id: 'zed',
  name: 'Zed',
  apis: ['chat', 'messages'],
  files: '~/.config/zed/settings.json',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['zed', 'zeditor', folder(machine), '/Applications/Zed.app']),
  plan: (machine, offer, { api, isPrimary }) => {
    const family = api === 'messages' ? 'anthropic_compatible' : 'openai_compatible';
    const provider = {
      api_url: api === 'messages' ? offer.url : offer.baseUrl,
      available_models: models(offer, api === 'chat'),
    };
    return {
      changes: [
        {
          path: join(folder(machine), 'settings.json'),
          format: 'json',
          settings: () => [
            ...ourSettings(['language_models', family, id], provider),
            ...(isPrimary ? [{ path: ['agent', 'default_model'], value: { provider: id, model: offer.main.id } }] : []),
          ],
        },
      ],
      notes: [
        `Zed keeps keys in the keychain: enter ${offer.hasKey ? 'yours' : 'any text'} for the provider "${id}" in the ` +
          'settings of its agent, or start Zed with OCP_API_KEY set',
      ],
    };
  },
};

function models(offer: Offer, isChat: boolean): readonly object[] {
  const capabilities = { tools: true, images: true, parallel_tool_calls: true, prompt_cache_key: false };
  return offer.models.map(({ id: name, name: display, contextWindow, maxOutputTokens }) => ({
    name,
    display_name: labelOf(display),
    max_tokens: contextWindow ?? cautiousContext,
    max_output_tokens: maxOutputTokens ?? cautiousOutput,
    ...(isChat ? { capabilities: { ...capabilities, chat_completions: true, interleaved_reasoning: true } } : {}),
  }));
}
