import { join } from 'node:path';
import { shQuote } from '../../edit/quote.ts';
import { configHome, firstFound, folderFrom } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { ListedModel } from '../server.ts';
import type { FileClient } from './client.ts';
import { cautiousContext, cautiousOutput } from './client.ts';

const id = 'ocp';

function folder(machine: Machine): string {
  return join(configHome(machine), 'crush');
}

/** Crush, whose configuration is a script of bash. */
export const crush: FileClient = {
  id: 'crush',
  name: 'Crush',
  apis: ['chat', 'messages'],
  files: '~/.config/crush/crushrc',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['crush', folder(machine)]),
  plan: (machine, offer, { api, isPrimary }) => {
    const type = api === 'messages' ? 'anthropic' : 'openai-compat';
    const lines = [
      `provider add ${id} --type ${type} --base-url ${shQuote(offer.baseUrl)} --api-key ${shQuote(offer.key)}`,
      ...offer.models.map(modelLine),
      ...(isPrimary ? [`model large ${id}/${offer.main.id}`, `model small ${id}/${offer.small.id}`] : []),
    ];
    const path = folderFrom(machine.env['CRUSH_GLOBAL_CONFIG'], machine.home) ?? join(folder(machine), 'crushrc');
    return {
      changes: [{ path, format: 'block', lines }],
      notes: ['Versions before 0.96 read crush.json instead, which is left as it is'],
    };
  },
  reload: 'Start Crush anew',
};

function modelLine({ id: model, name, contextWindow, maxOutputTokens }: ListedModel): string {
  const output = Math.min(maxOutputTokens ?? cautiousOutput, cautiousOutput);
  return (
    `model add ${id}/${model} --name ${shQuote(name)} --context-window ${contextWindow ?? cautiousContext} ` +
    `--default-max-tokens ${output} --can-reason true --supports-images true`
  );
}
