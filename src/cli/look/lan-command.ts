import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** `ocp lan`: how other machines reach this server. */
export const lanCommand = command({
  summary: 'how other machines reach this server: addresses, the command to share, a QR code of the dashboard',
  description: [
    'How other machines reach this server. Each address is tried from this machine; whether a firewall lets others through ' +
      'cannot be seen from here. The exit status is 1 where the server listens on no address that others can reach.',
  ],
  options: {
    ...remoteOptions,
    ...jsonOption,
    qr: { type: 'boolean', description: 'the QR code also where the output is no terminal' },
    'no-qr': { type: 'boolean', description: 'without the QR code' },
  },
  run: async (input, context) => (await import('./lan.ts')).showLan(input.options, context),
});
