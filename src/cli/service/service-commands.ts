import type { CommandContext } from '../command.ts';
import { CommandError, command } from '../command.ts';
import { bringUp, hostErrorsExplained, ownService } from './own-service.ts';

const GATEWAY_MS = 120_000;

/** `ocp start`: the service, or where nothing of the kind is there a background process. */
export const startCommand = command({
  summary: 'start the server as a service, and wait until it answers',
  description: [
    'Starts what ocp setup installed: a unit of the user’s systemd, or a launchd agent. On a machine that has neither, it starts ' +
      'a process in the background that starts the server again when it ends.',
  ],
  run: async (_input, context) => up(context, 'start'),
});

/** `ocp stop`. */
export const stopCommand = command({
  summary: 'stop the service; answers that are running get ten seconds to finish',
  description: [
    'Whatever starts by itself with the machine or the login does so the next time; ocp uninstall ends that.',
  ],
  async run(_input, context) {
    const { service } = await ownService(context);
    const { isComing, isInstalled } = await service.state();
    if (!isComing) {
      context.io.stdout(isInstalled ? 'OCP is not running.' : 'OCP is not installed as a service.');
      return 0;
    }
    await hostErrorsExplained(service.stop());
    context.io.stdout('OCP has stopped.');
    return 0;
  },
});

/** `ocp restart`: the service, or OpenClaw's gateway. */
export const restartCommand = command(
  {
    summary: 'restart the service, and wait until the new server answers',
    description: ['What config.json says is taken over.'],
    run: async (_input, context) => up(context, 'restart'),
  },
  {
    gateway: command({
      summary: 'restart the gateway of OpenClaw (openclaw gateway restart)',
      async run(_input, context) {
        const { machine } = await ownService(context);
        const options = { env: machine.env, timeoutMs: GATEWAY_MS, signal: machine.signal };
        const { code, stdout, stderr } = await machine.run('openclaw', ['gateway', 'restart'], options);
        machine.signal.throwIfAborted();
        for (const line of stdout.split('\n').filter(Boolean)) context.io.stdout(line);
        for (const line of stderr.split('\n').filter(Boolean)) context.io.stderr(line);
        if (code === undefined)
          throw new CommandError('openclaw could not be run: is OpenClaw installed, and on the PATH?');
        return code === 0 ? 0 : 1;
      },
    }),
  },
);

async function up(context: CommandContext, action: 'start' | 'restart'): Promise<number> {
  const own = await ownService(context);
  const { kind, isInstalled } = await own.service.state();
  if (kind !== 'background' && !isInstalled)
    throw new CommandError('OCP is not installed as a service; ocp setup does that');
  const health = await bringUp(own, action);
  const { pid } = await own.service.state();
  context.io.stdout(
    `OCP ${health.version} answers at ${own.url} (${kind}${pid === undefined ? '' : `, process ${pid}`})`,
  );
  if (kind === 'background') {
    context.io.stdout('It does not start with the machine: there is neither a systemd of the user nor launchd here.');
  }
  return 0;
}
