import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { Login } from '../../claude/login.ts';
import { DEFAULT_PROFILE, readStoredLogin, withStoredLogin } from '../../claude/stored-login.ts';
import { readAdminKeyFile } from '../../config/admin-key.ts';
import { baseUrl } from '../../config/base-url.ts';
import { readConfigFile } from '../../config/config-file.ts';
import type { Values } from '../../config/config-file.ts';
import type { Config } from '../../config/config.ts';
import { LEAST_SECRET, shortSecrets } from '../../config/secret-length.ts';
import { ocpHome } from '../../config/configuration.ts';
import type { Machine } from '../../host/machine.ts';
import { freePortFrom, portProblem } from '../../host/port.ts';
import { whoAnswers } from '../../host/server-answer.ts';
import { chooseService } from '../../host/service/choose.ts';
import type { Service } from '../../host/service/service.ts';
import { inheritedFrom } from '../../host/service/inherited.ts';
import { searchPath, serviceAddress } from '../../host/service/unit-environment.ts';
import { configuredModels } from '../../http/configured-models.ts';
import type { CommandIo } from '../command.ts';
import { CommandError } from '../command.ts';
import type { Asker } from './ask.ts';
import type { CheckedCli } from './checks.ts';
import { checkCli, checkDisk, checkLogin } from './checks.ts';
import { offerLogin } from './login.ts';
import type { Teller } from './teller.ts';
import type { SetupFlags, WishSources, Wishes } from './wishes.ts';
import { askWho, checkedConfig, isOwnVariable, wishesOf, withSharedKey } from './wishes.ts';

/** What setup is told on its command line. */
export interface SetupOptions extends SetupFlags {
  readonly 'no-service'?: boolean;
  readonly 'no-start'?: boolean;
  readonly 'dry-run'?: boolean;
  readonly yes?: boolean;
  readonly 'provider-name'?: string;
  readonly 'default-model'?: string;
}

/** What setup works with; tests bring their own. */
export interface SetupContext {
  readonly options: SetupOptions;
  readonly machine: Machine;
  readonly io: CommandIo;
  readonly ask: Asker | undefined;
}

/** Everything that was found out and decided before anything is changed. */
export interface Decision {
  readonly home: string;
  readonly config: Config;
  readonly values: Values;
  readonly adminKey: string;
  readonly service: Service;
  readonly cli: CheckedCli;
  readonly login: Login;
  readonly url: string;
  readonly madeSharedKey: string | undefined;
}

/** Looks at the machine and decides, asking where somebody can be asked. Changes nothing but a login. */
export async function decide({ options, machine, ask }: SetupContext, tell: Teller): Promise<Decision> {
  const home = ocpHome(machine.env, machine.home);
  const file = readConfigFile(home);
  const installed = await chooseService({ machine, ocpHome: home, file });
  const state = await installed.state();
  const inherited = state.isInstalled ? inheritedFrom(state, file, machine.home) : undefined;
  const unit = inherited?.moved ?? {};
  const sources: WishSources = { flags: options, file, unit, env: machine.env, home: machine.home };
  const asker = options.yes === true || options['dry-run'] === true ? undefined : ask;
  const first = wishesOf(sources);
  const wishes = withSharedKey(asker === undefined ? first : await askWho(first, sources, asker));
  const givenKey = machine.env['OCP_ADMIN_KEY'] === '' ? undefined : machine.env['OCP_ADMIN_KEY'];
  const adminKey = givenKey ?? readAdminKeyFile(home) ?? inherited?.adminKey ?? randomBytes(32).toString('base64url');
  const check = (wanted: Wishes): Config => checkedConfig(wanted, options, machine, home, adminKey);
  const config = check(wishes);
  await configuredModels(machine.packageRoot, config);
  refuseShort(config, [file, state.environment, { OCP_ADMIN_KEY: readAdminKeyFile(home) ?? '' }], tell);
  tell.done(await checkDisk(home));
  for (const note of [...(inherited?.notes ?? []), ...wishes.notes]) tell.note(note);
  tellEnvironment(wishes, tell);
  const cli = await checkCli(config, machine, wishes.values);
  tell.done(`Claude CLI ${cli.version} at ${cli.path}`);
  const login = await loginOf(cli, home, options, machine, asker, tell);
  const url = baseUrl(config.bind, config.port);
  const values = {
    ...wishes.values,
    // The service does not see the PATH of this shell.
    ...(cli.source === 'PATH' && !searchPath(machine).split(':').includes(dirname(cli.path))
      ? { CLAUDE_BIN: cli.path }
      : {}),
  };
  const service = await chooseService({ machine, ocpHome: home, file: values });
  const isOurs = state.isComing && serviceAddress({ ...unit, ...file }).port === config.port;
  await checkPort(options, machine, config, isOurs, service);
  tell.done(`Port ${config.port} is ${isOurs ? "OCP's own" : 'free'}`);
  return { home, config, values, adminKey, service, cli, login, url, madeSharedKey: wishes.madeSharedKey };
}

/**
 * Raises CommandError for a secret that is too short and new; one that is in use already is only told of, since changing it
 * changes every tool that has it.
 */
function refuseShort(config: Config, inUse: readonly Values[], tell: Teller): void {
  const chosen: Values = {
    OCP_ADMIN_KEY: config.adminKey ?? '',
    PROXY_API_KEY: config.sharedKey ?? '',
    OCP_METRICS_TOKEN: config.metricsToken ?? '',
  };
  for (const name of shortSecrets(config)) {
    const advice = `${name} is shorter than ${LEAST_SECRET} characters, and could be guessed`;
    if (!inUse.some((values) => values[name] === chosen[name])) {
      throw new CommandError(
        `${advice}: choose a longer one, or leave it out${name === 'OCP_METRICS_TOKEN' ? '' : ' and setup makes one'}`,
      );
    }
    tell.note(`${advice}; choose a longer one when you can`);
  }
}

/** Whether Claude is logged in; offers to do it where somebody can be asked. */
async function loginOf(
  cli: CheckedCli,
  home: string,
  options: SetupOptions,
  machine: Machine,
  ask: Asker | undefined,
  tell: Teller,
): Promise<Login> {
  if (options['dry-run'] === true) {
    tell.note('login not checked in a dry run: the CLI writes files of its own when it is asked');
    return { loggedIn: undefined, method: 'unknown', hint: undefined };
  }
  const stored = readStoredLogin(home, DEFAULT_PROFILE);
  const found = await checkLogin({ ...cli, env: withStoredLogin(cli.env, stored) }, machine.signal);
  const login =
    found.loggedIn === false && ask !== undefined ? await offerLogin(cli, home, ask, machine.signal) : found;
  if (login.loggedIn === true) tell.done(`Claude is logged in (${login.method})`);
  else tell.note(`Claude is not logged in: ${login.hint ?? 'run `ocp login`'}`);
  return login;
}

/** Raises CommandError when something else has the port, with the next one that is free. */
async function checkPort(
  options: SetupOptions,
  machine: Machine,
  config: Config,
  isOurs: boolean,
  service: Service,
): Promise<void> {
  if (options['no-service'] === true) return;
  const problem = await portProblem(config.bind, config.port);
  if (problem === undefined) return;
  if (problem !== 'EADDRINUSE') {
    throw new CommandError(
      `nothing can listen on ${config.bind}, port ${config.port} (${problem}); choose others with --bind and --port`,
    );
  }
  const { kind } = await whoAnswers(baseUrl(config.bind, config.port), machine.signal);
  // What an early version installed is stopped before the new service starts.
  const isReplaced = (await service.plan('install')).some((step) => step.kind === 'remove');
  if (kind === 'ocp' && (isOurs || isReplaced)) return;
  const free = await freePortFrom(config.bind, config.port + 1);
  const other = free === undefined ? 'another with --port' : `another, such as --port ${free}`;
  throw new CommandError(
    kind === 'ocp'
      ? `an OCP that is no service answers on port ${config.port} (ocp serve?); stop it, or choose ${other}`
      : `another program has port ${config.port}; stop it, or choose ${other}`,
  );
}

function tellEnvironment({ fromEnvironment }: Wishes, tell: Teller): void {
  if (fromEnvironment.length === 0) return;
  const own = fromEnvironment.filter(isOwnVariable);
  const names = [...own, ...fromEnvironment.filter((name) => !own.includes(name))];
  tell.note(`taken from your environment into config.json: ${names.join(', ')}`);
}
