import { command } from '../command.ts';
import { printFields } from '../output/fields.ts';
import { jsonOption, printJson } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';
import { loginCell, printRecentErrors, stateCell } from './health.ts';
import { statusAnswer } from './plan-answers.ts';
import { serviceText } from '../service/service-text.ts';
import { planFields } from './plan-text.ts';

/** `ocp status`. Contract: JSON, as scripts read it from a pipe; people at a terminal get lines. */
export const statusCommand = command({
  summary: 'how the server is doing: its state, login, requests, and what is left of the plan',
  description: [
    'How the server is doing. The exit status is 1 where it is degraded or does not answer. In a pipe it is JSON, as with ' +
      '--json.',
  ],
  options: { ...remoteOptions, ...jsonOption },
  async run({ options }, context) {
    const { io } = context;
    const remote = remoteServer(options, context);
    const { data, body } = await remote.ask('/status', statusAnswer);
    const { proxy, requests } = data;
    if (options.json === true || io.terminal === undefined) printJson(io, body);
    else {
      printFields(io, [
        ['OCP', `${proxy.version} at ${remote.url}`],
        ['Status', stateCell(proxy.status)],
        ['Up', proxy.uptime],
        ['Service', remote.isOwn ? await serviceText(context) : undefined],
        ['Login', loginCell({ ok: proxy.auth === 'ok' ? true : null, message: proxy.auth })],
        ['Requests', `${requests.total} in all, ${requests.active} running`],
        ['Failed', `${requests.errors}, and ${requests.timeouts} timed out`],
        ['Conversations', `${proxy.activeSessions} ready to go on`],
        ...planFields(data.plan),
      ]);
      printRecentErrors(io, data.recentErrors);
    }
    return proxy.status === 'ok' ? 0 : 1;
  },
});
