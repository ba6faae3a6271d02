import { z } from 'zod';
import type { CommandContext, CommandIo } from '../command.ts';
import { clean } from '../output/clean.ts';
import type { Field } from '../output/fields.ts';
import { printFields } from '../output/fields.ts';
import { timeText } from '../output/format.ts';
import { printJson } from '../output/json.ts';
import { painter } from '../output/paint.ts';
import type { Cell } from '../output/table.ts';
import type { AskValues } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';

const count = z.number();

/** What commands use of `GET /health`. */
export const healthAnswer = z.object({
  status: z.string(),
  version: z.string(),
  uptimeHuman: z.string(),
  claudeBinary: z.string().nullable(),
  claudeBinaryOk: z.boolean(),
  claudeVersion: z.string().nullable(),
  problem: z.string().nullable(),
  authMode: z.string(),
  anonymousKey: z.string().nullable().optional(),
  auth: z.object({ ok: z.boolean().nullable(), message: z.string() }),
  profiles: z.array(z.object({ profile: z.string(), ok: z.boolean().nullable(), message: z.string() })).optional(),
  stats: z.object({ totalRequests: count, errors: count, timeouts: count }),
  concurrency: z.object({
    maxConcurrent: count,
    maxQueue: count,
    inflight: count,
    queued: count,
    queueRejections: count,
  }),
  workers: z.object({ busy: count, spares: count, ready: count, conversations: count }),
  recentErrors: z.array(z.object({ time: z.string(), message: z.string() })),
});

type Health = z.output<typeof healthAnswer>;

/**
 * `ocp health`. Contract: JSON, as scripts read it from a pipe; people at a terminal get lines. The status is 1 when the
 * server is degraded, so that a script can ask with it.
 */
export async function showHealth(options: AskValues, context: CommandContext): Promise<number> {
  const { io } = context;
  const remote = remoteServer(options, context);
  const { data, body } = await remote.ask('/health', healthAnswer);
  if (options.json === true || io.terminal === undefined) printJson(io, body);
  else print(io, remote.url, data);
  return data.status === 'ok' ? 0 : 1;
}

function print(io: CommandIo, url: string, health: Health): void {
  const { stats, concurrency, workers, claudeBinary, claudeVersion } = health;
  printFields(io, [
    ['OCP', `${health.version} at ${url}`],
    ['Status', stateCell(health.status)],
    ['Up', health.uptimeHuman],
    ['Problem', health.problem === null ? undefined : { text: health.problem, style: 'red' }],
    ['Claude CLI', `${claudeVersion ?? 'of unknown version'} (${claudeBinary ?? 'not found'})`],
    ['Login', loginCell(health.auth)],
    ...profileFields(health.profiles ?? []),
    ['Auth mode', health.authMode],
    ['Requests', `${stats.totalRequests} in all, ${stats.errors} failed, ${stats.timeouts} timed out`],
    ['Running', `${concurrency.inflight} of ${concurrency.maxConcurrent}`],
    [
      'Waiting',
      `${concurrency.queued} of ${concurrency.maxQueue}, ${concurrency.queueRejections} turned away since the start`,
    ],
    [
      'Workers',
      `${workers.busy} busy, ${workers.spares} spare, ${workers.ready} ready, ${workers.conversations} with a conversation`,
    ],
  ]);
  printRecentErrors(io, health.recentErrors);
}

/** `ok` or what else a server says of itself. */
export function stateCell(status: string): Cell {
  return { text: status, style: status === 'ok' ? 'green' : 'red' };
}

/** Whether the CLI is logged in. */
export function loginCell({ ok, message }: Health['auth']): Cell {
  return ok === null ? message : { text: message, style: ok ? 'green' : 'red' };
}

/** The logins of further profiles. */
export function profileFields(logins: NonNullable<Health['profiles']>): readonly Field[] {
  return logins
    .filter(({ profile }) => profile !== 'default')
    .map((login): Field => [`Login of ${clean(login.profile)}`, loginCell(login)]);
}

/** The newest failures below a title; nothing where there are none. */
export function printRecentErrors(io: CommandIo, errors: Health['recentErrors']): void {
  if (errors.length === 0) return;
  io.stdout('');
  io.stdout(painter(io)('bold', 'Recent errors'));
  printFields(
    io,
    errors.map(({ time, message }) => [timeText(time), clean(message)]),
    2,
  );
}
