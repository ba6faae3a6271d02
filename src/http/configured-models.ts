import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelCatalogue } from '../claude/models.ts';
import { loadModels, withAliases, withDefaultModel } from '../claude/models.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/error.ts';
import { OcpError } from '../wire/errors.ts';

/** The models of models.json with the operator's names and default. Raises ConfigError where one names a model that there is not. */
export async function configuredModels(
  packageRoot: string,
  config: Pick<Config, 'modelAliases' | 'defaultModel'>,
): Promise<ModelCatalogue> {
  const file: unknown = JSON.parse(await readFile(join(packageRoot, 'models.json'), 'utf8'));
  const models = withNamed('OCP_MODEL_ALIASES', config.modelAliases.join(','), () =>
    withAliases(loadModels(file), config.modelAliases),
  );
  return withNamed('OCP_DEFAULT_MODEL', config.defaultModel, () => withDefaultModel(models, config.defaultModel));
}

/** Raises ConfigError where a variable names a model that there is not. */
function withNamed(variable: string, value: string | undefined, make: () => ModelCatalogue): ModelCatalogue {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof OcpError)) throw error;
    throw new ConfigError(variable, `${variable} is "${value}". ${error.message}`);
  }
}
