import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formats } from './edit/formats.ts';
import type { Setting } from './edit/settings.ts';
import { applySettings, EditError } from './edit/settings.ts';
import { findFile, textOf, writeWhole } from './files/write.ts';
import { folderFrom } from './machine.ts';
import type { Drift, Registration, RegistryModel } from './openclaw-models.ts';
import { driftOf, registrationSettings, syncSettings } from './openclaw-models.ts';

/**
 * OpenClaw's list of the models of an OCP on the same machine, in its openclaw.json. Contract: the section on OpenClaw of
 * OCP's contract, rows "setup" and "sync-openclaw".
 */

/** The provider by which `ocp setup` makes OCP known to OpenClaw, unless it is told another name. */
export const localProvider = 'claude-local';

/** Whose OpenClaw it is. */
export interface OpenClawPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Where OpenClaw keeps its configuration. */
export function openClawConfig({ env, home }: OpenClawPlace): string {
  const ownHome = folderFrom(env['OPENCLAW_HOME'], home) ?? home;
  const folder = folderFrom(env['OPENCLAW_STATE_DIR'], home) ?? join(ownHome, '.openclaw');
  return folderFrom(env['OPENCLAW_CONFIG_PATH'], home) ?? join(folder, 'openclaw.json');
}

/** Compares OpenClaw's list with OCP's; reads, and never raises. */
export function openclawDrift(
  place: OpenClawPlace,
  models: readonly RegistryModel[],
  provider: string = localProvider,
): Drift {
  const path = openClawConfig(place);
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
  const path = openClawConfig(place);
  const provider = options.provider ?? localProvider;
  const drift = openclawDrift(place, models, provider);
  if (drift.state === 'unreadable') throw new EditError(drift.reason);
  if (drift.state !== 'drift' || options.dryRun === true) return { path, drift, backup: undefined };
  return { path, drift, backup: edit(path, (present) => syncSettings(present, models, provider), options.now) };
}

/**
 * Makes an OCP on this machine known to OpenClaw, or brings up to date what it knows. Undefined where there is no OpenClaw.
 * What the owner chose, such as another default model, stays. Raises EditError where the file cannot be changed.
 */
export function registerInOpenClaw(
  place: OpenClawPlace,
  models: readonly RegistryModel[],
  registration: Registration & { readonly dryRun?: boolean; readonly now: () => number },
): { readonly path: string; readonly changed: boolean; readonly backup: string | undefined } | undefined {
  const path = openClawConfig(place);
  if (!existsSync(path)) return undefined;
  const settings = (present: unknown): readonly Setting[] => registrationSettings(present, models, registration);
  const text = textOf(findFile(path).bytes ?? Buffer.alloc(0));
  const changed = applySettings(formats.json5, text, settings(formats.json5.parse(text))) !== text;
  if (!changed || registration.dryRun === true) return { path, changed, backup: undefined };
  return { path, changed, backup: edit(path, settings, registration.now) };
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
  ] as const;
  const said = parts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return `OpenClaw's list of models differs from OCP's (${said.join(', ')})`;
}

function edit(path: string, settings: (present: unknown) => readonly Setting[], now: () => number): string {
  const { target, bytes } = findFile(path);
  const before = bytes ?? Buffer.alloc(0);
  const text = textOf(before);
  const after = applySettings(formats.json5, text, settings(formats.json5.parse(text)));
  const backup = `${path}.bak.${now()}`;
  // For its owner alone: the file holds keys.
  writeWhole({ target: backup, content: before, expected: undefined, mode: 0o600 });
  writeWhole({ target, content: after, expected: before, mode: 0o600 });
  return backup;
}
