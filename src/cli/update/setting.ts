import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { readConfigFile } from '../../config/config-file.ts';
import { ocpHome, userHome, withFile } from '../../config/configuration.ts';
import { installationIn } from '../../host/latest-version.ts';
import type { Installation } from '../../host/latest-version.ts';
import { runProgram } from '../../host/run.ts';
import { checkoutTree } from '../../host/update/checkout.ts';
import { UpdateError } from '../../host/update/error.ts';
import { globalTree } from '../../host/update/global-install.ts';
import type { UpdateHost } from '../../host/update/host.ts';
import { serverProbe } from '../../host/update/probe.ts';
import type { Tree } from '../../host/update/tree.ts';
import type { CommandContext } from '../command.ts';
import { locateServer } from '../remote/locate.ts';
import type { StepDisplay } from './progress.ts';
import { stepDisplay } from './progress.ts';
import { updateService } from './service.ts';
import { makeFolders } from '../../config/folder.ts';

/** How long a new server may take until it is well, ms: it starts the CLI, and may bring a large database to a new schema. */
const VERIFY_MS = 90_000;

/** What `ocp update` works with. */
export interface Setting {
  readonly context: CommandContext;
  readonly installation: Installation;
  readonly host: UpdateHost;
  readonly display: StepDisplay;
  /** Raises UpdateError where OCP was installed in a way that this command cannot change. */
  tree(): Promise<Tree>;
}

/** Reads where OCP is, where its server is, and what runs it. Raises ConfigError. */
export async function setting(context: CommandContext): Promise<Setting> {
  const { env, packageRoot, io } = context;
  const home = ocpHome(env);
  makeFolders(home, 0o700);
  const { key } = locateServer({}, { ...withFile(env, readConfigFile(home)), OCP_PROXY_URL: undefined });
  const installation = installationIn(packageRoot);
  const display = stepDisplay(io);
  const service = await updateService(context);
  const host: UpdateHost = {
    run: runProgram,
    env,
    signal: io.signal,
    freeBytes(folder) {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    ocpHome: home,
    service,
    probe: serverProbe(service.url, key),
    openclawFile: join(textOf(env['OPENCLAW_STATE_DIR']) ?? join(userHome(env), '.openclaw'), 'openclaw.json'),
    progress: display,
    now: () => new Date(),
    verifyTimeoutMs: VERIFY_MS,
  };
  return { context, installation, host, display, tree: async () => treeOf(installation, host) };
}

async function treeOf({ kind, folder, name }: Installation, host: UpdateHost): Promise<Tree> {
  if (kind === 'git') return checkoutTree(folder, host);
  if (kind === 'npm') return globalTree(folder, name, host);
  throw new UpdateError(`${folder} is neither a git checkout nor an npm install; install OCP anew to update it`);
}

function textOf(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
