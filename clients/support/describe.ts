import type { RequestRecord } from '../../simulator/index.ts';
import type { Run } from './run.ts';

/** How a run of a client ended, for a failure's report. */
export function describeRun(ended: Run): string {
  const end = (text: string): string => text.slice(-4_000);
  return `exit ${ended.code}${ended.timedOut ? ' (timed out)' : ''}\nstdout: ${end(ended.stdout)}\nstderr: ${end(ended.stderr)}`;
}

/** What a call of the API carried, for a failure's report. */
export function describeCall(call: RequestRecord): string {
  const { messages, tools } = (call.body ?? {}) as { messages?: unknown; tools?: readonly { name: string }[] };
  const names = (tools ?? []).map((tool) => tool.name).join(' ');
  return `${call.status} ${call.outcome} tools: ${names}\n  ${JSON.stringify(messages).slice(-1_500)}`;
}
