import { command } from '../command.ts';

/** `ocp start`: the service, or where nothing of the kind is there a background process. */
export const startCommand = command({
  summary: 'start the server as a service, and wait until it answers',
  description: [
    'Starts what ocp setup installed: a unit of the user’s systemd, or a launchd agent. On a machine that has neither, it starts ' +
      'a process in the background that starts the server again when it ends.',
  ],
  run: async (_input, context) => (await import('./run-service.ts')).up(context, 'start'),
});

/** `ocp stop`. */
export const stopCommand = command({
  summary: 'stop the service; answers that are running get ten seconds to finish',
  description: [
    'Whatever starts by itself with the machine or the login does so the next time; ocp uninstall ends that.',
  ],
  run: async (_input, context) => (await import('./run-service.ts')).stop(context),
});

/** `ocp restart`: the service, or OpenClaw's gateway. */
export const restartCommand = command(
  {
    summary: 'restart the service, and wait until the new server answers',
    description: ['What config.json says is taken over.'],
    run: async (_input, context) => (await import('./run-service.ts')).up(context, 'restart'),
  },
  {
    gateway: command({
      summary: 'restart the gateway of OpenClaw (openclaw gateway restart)',
      run: async (_input, context) => (await import('./run-service.ts')).restartGateway(context),
    }),
  },
);
