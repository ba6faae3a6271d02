import { join } from 'node:path';
import type { Setting } from '../../edit/settings.ts';
import { ourSettings } from '../../edit/settings.ts';
import type { FileChange } from '../files/change.ts';
import { findProgram, firstFound, folderFrom, homely } from '../machine.ts';
import type { Machine } from '../machine.ts';
import type { Offer } from '../offer.ts';
import type { FileClient } from './client.ts';
import { codexCatalogue } from './codex-catalogue.ts';

const id = 'ocp';

function folder(machine: Machine): string {
  return folderFrom(machine.env['CODEX_HOME'], machine.home) ?? join(machine.home, '.codex');
}

/** Codex: its command line, its extension and its app read the same files. */
export const codex: FileClient = {
  id: 'codex',
  name: 'Codex',
  apis: ['responses'],
  files: '~/.codex/config.toml',
  hasBackup: true,
  detect: (machine) => firstFound(machine, ['codex', folder(machine)]),
  plan: (machine, offer, { isPrimary }) => {
    const cataloguePath = join(folder(machine), 'ocp-models.json');
    const models = codexCatalogue(findProgram(machine, 'codex'), machine.env, offer.models);
    const catalogue: readonly FileChange[] =
      models === undefined
        ? []
        : [{ path: cataloguePath, format: 'json', settings: () => [{ path: ['models'], value: models, ours: 1 }] }];
    const name = isPrimary ? 'config.toml' : `${id}.config.toml`;
    const path = join(folder(machine), name);
    const settings = settingsFor(offer, models === undefined ? undefined : cataloguePath);
    return {
      changes: [...catalogue, { path, format: 'toml', settings: () => settings }],
      notes: isPrimary ? [] : [`${homely(machine, path)} is a profile: codex --profile ${id}`],
    };
  },
  reload: 'Start Codex anew',
};

function settingsFor(offer: Offer, cataloguePath: string | undefined): readonly Setting[] {
  const provider = {
    name: 'OCP',
    base_url: offer.baseUrl,
    wire_api: 'responses',
    experimental_bearer_token: offer.key,
  };
  return [
    { path: ['model'], value: offer.main.id },
    { path: ['model_provider'], value: id },
    ...(cataloguePath === undefined ? [] : [{ path: ['model_catalog_json'], value: cataloguePath }]),
    ...ourSettings(['model_providers', id], provider),
  ];
}
