import { existsSync } from 'node:fs';
import { agentProfiles } from './clients/openclaw-agents.ts';
import { formats } from '../edit/formats.ts';
import type { Editor, Setting } from '../edit/settings.ts';
import { applySettings, EditError, isRecord, valueAt } from '../edit/settings.ts';
import { findFile, textOf, writeWhole } from './files/write.ts';
import { localProvider } from './local-provider.ts';
import { openClawFiles } from './openclaw-files.ts';
import type { Drift, Registration, RegistryModel } from './openclaw-models.ts';
import { driftOf, profileSettings, registrationSettings, syncSettings } from './openclaw-models.ts';

/**
 * OpenClaw's list of the models of an OCP on the same machine, in its openclaw.json. Contract: the section on OpenClaw of
 * OCP's contract, rows "setup" and "sync-openclaw".
 */

/** Whose OpenClaw it is. */
export interface OpenClawPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Compares OpenClaw's list with OCP's; reads, and never raises. */
export function openclawDrift(
  place: OpenClawPlace,
  models: readonly RegistryModel[],
  provider: string = localProvider,
): Drift {
  const path = openClawFiles(place).config;
  if (!existsSync(path)) return { state: 'absent' };
  try {
    const { bytes } = findFile(path);
    return driftOf(formats.json5.parse(textOf(bytes ?? Buffer.alloc(0))), models, provider);
  } catch (error) {
    return { state: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What a synchronisation found and did. */
export interface Synced {
  readonly path: string;
  readonly drift: Drift;
  /** The copy of the file as it was; undefined where nothing was written. */
  readonly backup: string | undefined;
}

/**
 * Brings OpenClaw's list up to date: the models of the provider and their short names, and nothing else in the file. What it
 * was is kept beside it, as `openclaw.json.bak.` and the time in ms. Raises EditError where the file cannot be changed.
 */
export function syncOpenClaw(
  place: OpenClawPlace,
  models: readonly RegistryModel[],
  options: { readonly provider?: string; readonly dryRun?: boolean; readonly now: () => number },
): Synced {
  const path = openClawFiles(place).config;
  const provider = options.provider ?? localProvider;
  const drift = openclawDrift(place, models, provider);
  if (drift.state === 'unreadable') throw new EditError(drift.reason);
  if (drift.state !== 'drift' || options.dryRun === true) return { path, drift, backup: undefined };
  return {
    path,
    drift,
    backup: edit(path, formats.json5, (present) => syncSettings(present, models, provider), options.now),
  };
}

/** A file that a registration changed, or would change. */
export interface Registered {
  readonly path: string;
  /** The copy of the file as it was; undefined where nothing was written. */
  readonly backup: string | undefined;
}

/**
 * Makes an OCP on this machine known to OpenClaw, or brings up to date what it knows: in openclaw.json and, where this version
 * reads them, in the files of keys that its agents have. Undefined where there is no OpenClaw; an empty list where nothing is
 * to be changed. What the owner chose, such as another default model, stays. Raises EditError where a file cannot be changed.
 */
export function registerInOpenClaw(
  place: OpenClawPlace,
  models: readonly RegistryModel[],
  registration: Registration & { readonly dryRun?: boolean; readonly now: () => number },
): readonly Registered[] | undefined {
  const { folder, config } = openClawFiles(place);
  if (!existsSync(config)) return undefined;
  const profiles = agentProfiles(folder, config).filter((path) => existsSync(path));
  const changes: readonly (readonly [string, Editor, (present: unknown) => readonly Setting[]])[] = [
    [config, formats.json5, (present) => registrationSettings(present, models, registration, profiles.length > 0)],
    ...profiles.map(
      (path) => [path, formats.json, (present: unknown) => profileSettings(present, registration)] as const,
    ),
  ];
  return changes
    .filter(([path, editor, settings]) => edited(path, editor, settings).after !== undefined)
    .map(([path, editor, settings]) => ({
      path,
      backup: registration.dryRun === true ? undefined : edit(path, editor, settings, registration.now),
    }));
}

/** The provider by which OpenClaw knows the server at this URL; undefined where it does not. Raises EditError for a file that cannot be read. */
export function openClawName(place: OpenClawPlace, url: string): string | undefined {
  const { config } = openClawFiles(place);
  if (!existsSync(config)) return undefined;
  const { bytes = Buffer.alloc(0) } = findFile(config);
  const providers = valueAt(formats.json5.parse(textOf(bytes)), ['models', 'providers']);
  const named = Object.entries(isRecord(providers) ? providers : {});
  return named.find(([, provider]) => valueAt(provider, ['baseUrl']) === `${url}/v1`)?.[0];
}

/** A drift in one line for people; undefined where there is none to speak of. */
export function driftLine(drift: Drift): string | undefined {
  if (drift.state === 'unreadable') return `OpenClaw's openclaw.json cannot be read: ${drift.reason}`;
  if (drift.state !== 'drift') return undefined;
  const parts = [
    [drift.missing.length, 'missing'],
    [drift.changed.length, 'out of date'],
    [drift.stale.length, 'no longer offered'],
    [drift.aliases.length, 'with a wrong short name'],
    [drift.chosen.length, 'chosen but no longer offered'],
  ] as const;
  const said = parts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return `OpenClaw's list of models differs from OCP's (${said.join(', ')})`;
}

/** The file as it is, and as it would be; `after` is undefined where that is the same. */
function edited(
  path: string,
  editor: Editor,
  settings: (present: unknown) => readonly Setting[],
): { readonly target: string; readonly before: Buffer; readonly after: string | undefined } {
  const { target, bytes: before = Buffer.alloc(0) } = findFile(path);
  const text = textOf(before);
  const after = applySettings(editor, text, settings(editor.parse(text)));
  return { target, before, after: after === text ? undefined : after };
}

function edit(
  path: string,
  editor: Editor,
  settings: (present: unknown) => readonly Setting[],
  now: () => number,
): string | undefined {
  const { target, before, after } = edited(path, editor, settings);
  if (after === undefined) return undefined;
  const backup = `${path}.bak.${now()}`;
  // For its owner alone: the file holds keys.
  writeWhole({ target: backup, content: before, expected: undefined, mode: 0o600 });
  writeWhole({ target, content: after, expected: before, mode: 0o600 });
  return backup;
}
