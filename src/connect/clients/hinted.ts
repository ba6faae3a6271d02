import { join } from 'node:path';
import { isLoopbackUrl } from '../address.ts';
import { applicationData, firstFound } from '../machine.ts';
import type { Offer } from '../offer.ts';
import type { HintedClient } from './client.ts';

function keyText({ hasKey }: Offer): string {
  return hasKey ? 'your key' : 'any text';
}

/** Programs that keep their settings in a database or a keychain of their own. */
export const hintedClients: readonly HintedClient[] = [
  {
    id: 'cursor',
    name: 'Cursor',
    detect: (machine) =>
      firstFound(machine, ['cursor', join(applicationData(machine), 'Cursor'), join(machine.home, '.cursor')]),
    hint: (_machine, offer) => [
      "Cursor's own chat is answered by way of Cursor's servers, which cannot reach an address of your network.",
      'Use Cline, Continue, Kilo or Claude Code inside of Cursor; they are set up as above.',
      `With a public https address: Settings, Models, OpenAI API key (${keyText(offer)}), Override OpenAI Base URL`,
      `(the address with /v1), and ${offer.main.id} as a custom model.`,
    ],
  },
  {
    id: 'jetbrains',
    name: 'JetBrains AI Assistant',
    detect: (machine) => firstFound(machine, [join(applicationData(machine), 'JetBrains')]),
    hint: (_machine, offer) => [
      'Settings, Tools, AI Assistant, Providers & API keys, OpenAI-compatible:',
      `URL ${offer.baseUrl}, key ${keyText(offer)} (typed in, also where none is needed), model ${offer.main.id}.`,
      'Test the connection, then give the model to the features below.',
    ],
  },
  {
    id: 'roo-code',
    name: 'Roo Code',
    detect: (machine) =>
      firstFound(
        machine,
        ['Code', 'Code - Insiders', 'VSCodium', 'Cursor'].map((name) =>
          join(applicationData(machine), name, 'User', 'globalStorage', 'rooveterinaryinc.roo-cline'),
        ),
      ),
    hint: (_machine, offer) => [
      'Its development has ended; Cline and Kilo read settings of the same kind.',
      `To go on with it: provider "OpenAI Compatible", ${offer.baseUrl}, ${keyText(offer)}, ${offer.main.id}; or a file for`,
      '"roo-cline.autoImportSettingsPath" with providerProfiles.apiConfigs.ocp: apiProvider "openai", openAiBaseUrl,',
      'openAiApiKey and openAiModelId of these values.',
    ],
  },
  {
    id: 'open-webui',
    name: 'Open WebUI',
    detect: (machine) => firstFound(machine, ['open-webui']),
    hint: (_machine, offer) => [
      `Admin settings, Connections, OpenAI API: ${containerUrl(offer)} and ${keyText(offer)}.`,
      'OPENAI_API_BASE_URL and OPENAI_API_KEY say the same, but only at its very first start.',
      ...(isLoopbackUrl(offer.url)
        ? [
            'A container does not reach 127.0.0.1: OCP has to listen on an address of this machine, and then wants a key.',
          ]
        : []),
    ],
  },
];

function containerUrl({ url, baseUrl }: Offer): string {
  return isLoopbackUrl(url) ? `http://host.docker.internal:${new URL(url).port}/v1` : baseUrl;
}
