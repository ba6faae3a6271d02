import { existsSync } from 'node:fs';
import { adminKeyPath } from '../../config/admin-key.ts';
import { configFilePath, configFileText, inspectConfigFile } from '../../config/config-file.ts';
import type { Values } from '../../config/config-file.ts';
import type { Step } from '../steps.ts';
import { textOf, writeStep } from '../steps.ts';
import type { InstalledDefinition } from './inherited.ts';
import { inheritedFrom } from './inherited.ts';
import type { ServiceOptions } from './service.ts';
import { unitEnvironment, withoutSecrets } from './unit-environment.ts';

/**
 * The steps that make a definition as it should be: first what it says alone goes into config.json, then it is written. While
 * config.json cannot be read neither is touched. `text` makes a definition with an environment.
 */
export function definitionSteps(
  options: ServiceOptions,
  path: string,
  installed: InstalledDefinition,
  text: (environment: Values) => string,
): readonly Step[] {
  const { machine, ocpHome, file } = options;
  if (inspectConfigFile(ocpHome).problems.length > 0) return [];
  const { moved, kept, adminKey } = inheritedFrom(installed, file, machine.home);
  const environment = unitEnvironment(options, kept);
  const values = { ...file, ...moved };
  const config = configFilePath(ocpHome);
  return [
    ...(Object.keys(moved).length === 0
      ? []
      : writeStep(config, configFileText(values, textOf(config)), configFileText(withoutSecrets(values)))),
    ...(adminKey === undefined || existsSync(adminKeyPath(ocpHome))
      ? []
      : writeStep(adminKeyPath(ocpHome), `${adminKey}\n`, '(hidden)')),
    ...writeStep(path, text(environment), text(withoutSecrets(environment))),
  ];
}

/** Whether a definition was written by this product, whose server is `ocp serve`. */
export function isOurDefinition(text: string | undefined): boolean {
  return text !== undefined && /\bserve\b/u.test(text);
}
