import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../claude/models.ts';
import { loadModels } from '../claude/models.ts';
import { EditError, pathText } from '../edit/settings.ts';
import { localProvider } from '../connect/local-provider.ts';
import { driftLine, openclawDrift, syncOpenClaw } from '../connect/openclaw-registry.ts';
import { CommandError, UsageError } from './command.ts';
import type { CommandContext } from './command.ts';

/** `ocp sync openclaw`. */
export async function syncModels(
  options: { readonly quiet?: boolean; readonly 'dry-run'?: boolean; readonly 'provider-name'?: string },
  { env, packageRoot, io }: CommandContext,
): Promise<number> {
  const place = placeOf(env);
  const models = await modelsOf(packageRoot);
  const provider = options['provider-name'] ?? localProvider;
  if (!/^[\w.-]+$/u.test(provider)) throw new UsageError(`${JSON.stringify(provider)} is no name of a provider`);
  const dryRun = options['dry-run'] === true;
  try {
    const { path, drift, backup } = syncOpenClaw(place, models, { provider, dryRun, now: Date.now });
    if (drift.state !== 'drift') {
      if (options.quiet !== true) io.stdout(calm(drift.state, provider));
      return 0;
    }
    io.stdout(`${driftLine(drift) ?? ''}: ${dryRun ? 'nothing was changed' : 'brought up to date'}`);
    for (const [sign, ids] of [
      ['+', drift.missing],
      ['~', drift.changed],
      ['-', drift.stale],
    ] as const) {
      for (const id of ids) io.stdout(`  ${sign} ${provider}/${id}`);
    }
    for (const ref of drift.aliases) io.stdout(`  ~ the short name of ${ref}`);
    for (const { path: place, from, to } of drift.chosen) {
      io.stdout(to === undefined ? `  - ${pathText(place)}` : `  ~ ${pathText(place)}: ${from} → ${to}`);
    }
    if (backup !== undefined) {
      io.stdout(`  ${path}, before: ${backup}`);
      io.stdout('To apply it: openclaw gateway restart');
    }
    return 0;
  } catch (error) {
    if (error instanceof EditError) throw new CommandError(`OpenClaw's configuration was left alone: ${error.message}`);
    throw error;
  }
}

function calm(state: string, provider: string): string {
  if (state === 'absent') return 'There is no OpenClaw here.';
  if (state === 'unregistered') return `OpenClaw knows no provider ${provider}; ocp setup makes OCP known to it.`;
  return "OpenClaw's list of models is up to date.";
}

/** What `ocp serve` says of an OpenClaw on this machine that has other models; it never keeps the server from starting. */
export async function openClawWarnings(env: CommandContext['env'], packageRoot: string): Promise<readonly string[]> {
  const line = driftLine(openclawDrift(placeOf(env), await modelsOf(packageRoot)));
  return line === undefined ? [] : [`${line}: ocp sync openclaw`];
}

function placeOf(env: CommandContext['env']): { readonly env: CommandContext['env']; readonly home: string } {
  return { env, home: env['HOME'] ?? homedir() };
}

async function modelsOf(packageRoot: string): Promise<readonly Model[]> {
  return loadModels(JSON.parse(await readFile(join(packageRoot, 'models.json'), 'utf8'))).models;
}
