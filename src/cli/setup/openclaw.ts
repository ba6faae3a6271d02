import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModels } from '../../claude/models.ts';
import { EditError } from '../../edit/settings.ts';
import { localProvider } from '../../connect/local-provider.ts';
import { openClawName, registerInOpenClaw } from '../../connect/openclaw-registry.ts';
import type { Decision, SetupContext } from './decide.ts';
import type { Teller } from './teller.ts';
import { usualModel } from './usual-model.ts';

/**
 * Makes OCP known to an OpenClaw on this machine, or says what would be done. Says nothing where there is none, and never keeps
 * the setup from going on. Contract: the section on OpenClaw of OCP's contract, row "setup".
 */
export async function setUpOpenClaw(
  { options, machine }: Pick<SetupContext, 'options' | 'machine'>,
  { url, config }: Pick<Decision, 'url' | 'config'>,
  tell: Pick<Teller, 'done' | 'note'>,
): Promise<void> {
  try {
    const known = openClawName(machine, url);
    const provider = options['provider-name'] ?? known ?? localProvider;
    // What `ocp connect` made is its own, and undone by it.
    if (options['provider-name'] === undefined && known !== undefined && known !== localProvider) return;
    const catalogue = loadModels(JSON.parse(await readFile(join(machine.packageRoot, 'models.json'), 'utf8')));
    const wanted = options['default-model'] ?? usualModel;
    const isDry = options['dry-run'] === true;
    const changed = registerInOpenClaw(machine, catalogue.models, {
      provider,
      url,
      defaultModel: catalogue.aliases.get(wanted) ?? wanted,
      key: config.trustLoopback ? undefined : config.sharedKey,
      dryRun: isDry,
      now: Date.now,
    });
    if (changed === undefined) return;
    for (const { path, backup } of changed) {
      if (isDry) tell.note(`${path} would name OCP as ${provider}`);
      else tell.done(`${path} names OCP as ${provider}${backup === undefined ? '' : `; before: ${backup}`}`);
    }
    if (changed.length === 0) tell.done(`OpenClaw knows OCP as ${provider}`);
    else if (!isDry) tell.note('to apply it: openclaw gateway restart');
    if (!config.trustLoopback && config.authMode === 'multi') {
      tell.note(
        'OpenClaw needs a key of its own, as OCP_TRUST_LOOPBACK is off: ocp keys add openclaw, then ocp connect --key',
      );
    }
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    tell.note(`OpenClaw's configuration was left alone: ${error.message}`);
  }
}
