import { join } from 'node:path';
import { isLoopbackUrl } from '../address.ts';
import { ourSettings } from '../../edit/settings.ts';
import { existingOr, firstFound } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { FileClient } from './client.ts';

function file({ home }: Machine): string {
  return existingOr([join(home, 'LibreChat', 'librechat.yaml'), join(home, 'librechat', 'librechat.yaml')]);
}

/** LibreChat, where it lies in the home folder. */
export const libreChat: FileClient = {
  id: 'librechat',
  name: 'LibreChat',
  apis: ['chat'],
  files: '~/LibreChat/librechat.yaml',
  hasBackup: true,
  detect: (machine) => firstFound(machine, [file(machine)]),
  plan: (machine, offer) => {
    const isLocal = isLoopbackUrl(offer.url);
    const baseURL = isLocal ? `http://host.docker.internal:${new URL(offer.url).port}/v1` : offer.baseUrl;
    const entry = {
      name: 'OCP',
      apiKey: offer.key,
      baseURL,
      models: { default: offer.models.map(({ id }) => id), fetch: true },
      titleConvo: true,
      titleModel: offer.small.id,
      dropParams: ['user', 'frequency_penalty', 'presence_penalty'],
    };
    return {
      changes: [
        {
          path: file(machine),
          format: 'yaml',
          settings: () => ourSettings(['endpoints', 'custom', { by: 'name', is: 'OCP' }], entry),
        },
      ],
      notes: isLocal
        ? [
            'A container does not reach 127.0.0.1: OCP has to listen on an address of this machine, and then wants a key',
          ]
        : [],
    };
  },
  reload: 'Restart LibreChat',
};
