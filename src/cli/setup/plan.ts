import { chmodSync, lstatSync } from 'node:fs';
import type { Values } from '../../config/config-file.ts';
import { configFilePath, configFileText } from '../../config/config-file.ts';
import { adminKeyPath, readAdminKeyFile } from '../../config/admin-key.ts';
import type { Step } from '../../host/steps.ts';
import { writeStep } from '../../host/steps.ts';
import { withoutSecrets } from '../../host/service/unit-environment.ts';

/** The steps that write what OCP goes by: its configuration and its admin key. What is as it should be takes none. */
export function configurationSteps(ocpHome: string, values: Values, adminKey: string): readonly Step[] {
  const isKept = readAdminKeyFile(ocpHome) === adminKey;
  return [
    ...writeStep(configFilePath(ocpHome), configFileText(values), configFileText(withoutSecrets(values))),
    ...(isKept ? privateSteps(adminKeyPath(ocpHome)) : writeStep(adminKeyPath(ocpHome), `${adminKey}\n`, '(hidden)')),
  ];
}

/** A step that takes others' rights to a file away, where they have any. */
function privateSteps(path: string): readonly Step[] {
  const mode = lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0) return [];
  return [{ kind: 'act', says: `make ${path} its owner's alone`, act: async () => chmodSync(path, 0o600) }];
}
