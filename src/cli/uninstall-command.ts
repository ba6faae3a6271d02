import { command } from './command.ts';

/** `ocp uninstall`. */
export const uninstallCommand = command({
  summary: 'take away the service and the link on the PATH; with --purge all that OCP wrote',
  description: [
    'Stops the server and removes the service, also those that earlier versions installed, and the link that setup made. What is ' +
      'kept is named at the end. With --purge it removes the configuration, the keys, the usage and the logs too.',
  ],
  options: {
    purge: { type: 'boolean', description: 'remove all that OCP wrote on this machine; it cannot be undone' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask' },
    'dry-run': { type: 'boolean', description: 'show what would be done, and touch nothing' },
  },
  run: async (input, context) => (await import('./uninstall.ts')).runUninstall(input.options, context),
});
