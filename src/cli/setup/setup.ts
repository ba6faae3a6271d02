import { dirname } from 'node:path';
import type { Machine } from '../../host/machine.ts';
import { thisMachine } from '../../host/machine.ts';
import { linkSteps, pathLink } from '../../host/path-link.ts';
import { whoAnswers } from '../../host/server-answer.ts';
import type { Service } from '../../host/service/service.ts';
import { isLingering } from '../../host/service/systemd.ts';
import type { Step } from '../../host/steps.ts';
import { describe, perform } from '../../host/steps.ts';
import type { CommandContext } from '../command.ts';
import { UsageError } from '../command.ts';
import { withSpinner } from '../output/spinner.ts';
import { bringUp, hostErrorsExplained } from '../service/own-service.ts';
import { askerAt } from './ask.ts';
import { checkNode } from './checks.ts';
import type { Decision, SetupContext, SetupOptions } from './decide.ts';
import { decide } from './decide.ts';
import { nextSteps } from './next-steps.ts';
import { configurationSteps } from './plan.ts';
import { proveIt } from './proof.ts';
import { setUpOpenClaw } from './openclaw.ts';
import type { Teller } from './teller.ts';
import { teller } from './teller.ts';

/** `ocp setup`. */
export async function runSetup(options: SetupOptions, { env, packageRoot, io }: CommandContext): Promise<number> {
  const provider = options['provider-name'];
  if (provider !== undefined && !/^[\w.-]+$/u.test(provider)) {
    throw new UsageError(`${JSON.stringify(provider)} is no name of a provider`);
  }
  return setUp({ options, machine: thisMachine(env, packageRoot, io.signal), io, ask: await askerAt(io) });
}

/**
 * Installs OCP on this machine: looks, decides, then changes, then proves it. A second run changes only what it is told to.
 * Gives the exit status: 1 when OCP is installed but a request does not succeed yet.
 */
export async function setUp(context: SetupContext): Promise<number> {
  const { options, machine, io, ask } = context;
  const tell = teller(io);
  tell.done(checkNode());
  const decision = await decide(context, tell);
  const { home, values, adminKey, service } = decision;
  const configuration = configurationSteps(home, values, adminKey);
  const isServed = options['no-service'] !== true;
  const extras = [...(await linkWish(context)), ...(isServed ? await lingerWish(context, service) : [])];
  const serving = isServed
    ? await servicePlan(service, configuration.length > 0, options['no-start'] === true)
    : noPlan;

  if (options['dry-run'] === true) {
    const steps = [...configuration, ...serving.install, ...serving.bringsUp, ...extras];
    io.stdout(steps.length === 0 ? 'Nothing would change.' : 'This would be done:');
    for (const line of steps.flatMap(describe)) io.stdout(`  ${line}`);
    await setUpOpenClaw(context, decision, tell);
    return 0;
  }

  const { install, action } = serving;
  await hostErrorsExplained(perform([...configuration, ...install], machine));
  if (configuration.length > 0) tell.done(`${home}/config.json and the admin key (${home}/admin-key) are written`);
  if (action !== undefined) {
    const own = { machine, home, service, url: decision.url };
    const health = await withSpinner(io, 'Starting OCP', async () => bringUp(own, action));
    tell.done(`OCP ${health.version} answers at ${decision.url} (${service.kind})`);
  }
  await hostErrorsExplained(perform(extras, machine));
  tellLink(machine, tell);
  tellKeys(decision, tell);
  await setUpOpenClaw(context, decision, tell);
  const status = await prove(context, decision, tell);
  if (ask === undefined && options.yes !== true && extras.length === 0 && pathLink(machine).state === 'absent') {
    tell.note('the command ocp is not on the PATH; ocp setup --yes makes a link in ~/.local/bin');
  }
  io.stdout('');
  io.stdout('What to do next:');
  const next = nextSteps({ mode: decision.config.authMode, url: decision.url, isServed });
  for (const [index, line] of next.entries()) io.stdout(`  ${index + 1}. ${line}`);
  return status;
}

interface ServicePlan {
  readonly install: readonly Step[];
  /** What brings the server up; undefined when it runs as it should, or is not to be started. */
  readonly action: 'start' | 'restart' | undefined;
  /** The steps of that. */
  readonly bringsUp: readonly Step[];
}

const noPlan: ServicePlan = { install: [], action: undefined, bringsUp: [] };

/** Starts what does not run, restarts what runs with other values, and leaves what is as it should be. */
async function servicePlan(service: Service, isChanged: boolean, isLeftStopped: boolean): Promise<ServicePlan> {
  const install = await service.plan('install');
  if (isLeftStopped) return { ...noPlan, install };
  const { isRunning } = await service.state();
  if (isRunning && !isChanged && install.length === 0) return noPlan;
  const action = isRunning ? 'restart' : 'start';
  const whole = await service.plan(action);
  // Every plan that brings the server up installs first what has changed.
  return { install, action, bringsUp: whole.slice(install.length) };
}

/** The link on the PATH, when it is wanted: `--yes`, or asked. */
async function linkWish({ options, machine, ask }: SetupContext): Promise<readonly Step[]> {
  const steps = linkSteps(machine);
  if (steps.length === 0 || options.yes === true) return steps;
  if (options['dry-run'] === true || ask === undefined) return [];
  return (await ask.confirm(`Make the command ocp callable, by a link at ${pathLink(machine).path}?`)) ? steps : [];
}

/** Starting with the machine and not only with the login, where systemd can and nobody has arranged it. */
async function lingerWish({ options, machine, ask }: SetupContext, service: Service): Promise<readonly Step[]> {
  if (service.kind !== 'systemd' || (await isLingering(machine)) !== false) return [];
  const step: Step = { kind: 'run', program: 'loginctl', args: ['enable-linger', machine.user], mayFail: true };
  if (options.yes === true) return [step];
  if (options['dry-run'] === true || ask === undefined) return [];
  return (await ask.confirm('Start OCP with the machine, before you log in (loginctl enable-linger)?')) ? [step] : [];
}

async function prove({ options, machine, io }: SetupContext, decision: Decision, tell: Teller): Promise<number> {
  const { login, url, adminKey } = decision;
  const isUp = (await whoAnswers(url, machine.signal)).kind === 'ocp';
  if (!isUp && (options['no-service'] === true || options['no-start'] === true)) return 0;
  if (login.loggedIn === false) {
    tell.fail(`OCP runs, but Claude is not logged in: ${login.hint ?? 'run `claude auth login`'}`);
    return 1;
  }
  const proof = await withSpinner(io, 'Asking Claude for one word', async () => proveIt(url, adminKey, machine.signal));
  if (proof.ok) tell.done(`Claude answered ${JSON.stringify(proof.text)} in ${(proof.ms / 1000).toFixed(1)} s`);
  else tell.fail(`a request through the server did not succeed: ${proof.reason}`);
  return proof.ok ? 0 : 1;
}

function tellLink(machine: Machine, tell: Teller): void {
  const { state, path, isOnPath } = pathLink(machine);
  if (state === 'taken') tell.note(`${path} is something else and was left as it is`);
  else if (state === 'linked' && !isOnPath) tell.note(`the command is ${path}; put ${dirname(path)} on your PATH`);
}

function tellKeys({ config, madeSharedKey }: Decision, tell: Teller): void {
  if (madeSharedKey !== undefined) tell.note(`the key for other devices: ${madeSharedKey} (config.json has it too)`);
  for (const warning of config.warnings) tell.note(warning);
}
