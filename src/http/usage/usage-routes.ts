import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { eachPage } from '../../store/reading/pages.ts';
import type { UsageScope } from '../../store/usage-query.ts';
import { callerOf } from '../caller.ts';
import { doorOf } from '../door.ts';
import { isAdmin } from '../identity.ts';
import { accountOf } from './account.ts';
import { fullScopeNotes } from './full-scope.ts';
import { addMeRoute } from './me-route.ts';
import { addRequestsRoutes } from './requests-routes.ts';
import { addStatsRoutes } from './stats-routes.ts';
import type { UsageRouteOptions } from './usage-options.ts';
import { exported, exportTypes } from './usage-export.ts';
import { usageQuery, usageRequest } from './usage-request.ts';
import { hourUsageView, keyUsageView, namer, requestView, usageAnswer } from './usage-view.ts';

/**
 * What callers used, their own, or everybody's for the admin: `/api/usage`, and what the dashboard reads. Contract:
 * "/api/usage" of OCP's HTTP contract.
 */
export function addUsageRoutes(server: FastifyInstance, options: UsageRouteOptions): void {
  const noteFullScope = fullScopeNotes(options);
  addStatsRoutes(server, options, noteFullScope);
  addRequestsRoutes(server, options, noteFullScope);
  addMeRoute(server, options);
  server.get(
    '/api/usage',
    {
      config: {
        access: 'callers',
        docs: {
          summary:
            'Show usage: your own, or with all=true everybody’s for the admin; format=csv or jsonl exports requests',
          query: usageQuery,
          answers: { 200: usageAnswer },
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const asked = usageRequest(request.query, options.now());
      const isAll = asked.all && isAdmin(caller, options.mode);
      if (isAll) {
        options.log.info({ caller: caller.name, address: doorOf(request).address }, 'admin_usage_full_scope');
        noteFullScope(request);
      }
      const account = accountOf(caller, (name) => options.keys.get(name));
      const scope: UsageScope = isAll ? asked.range : { ...asked.range, account };
      options.usageLog.flush();
      if (asked.format !== 'json') return sendExport(reply, scope, asked.exported, asked.format, options);
      const { reader } = options;
      const name = namer(options.keys);
      const [byKey, timeline, recent] = await Promise.all([
        reader.ask('byAccount', [scope]),
        reader.ask('byHour', [scope]),
        reader.ask('newest', [scope, asked.recent]),
      ]);
      return {
        byKey: byKey.map((row) => keyUsageView(row, name(row))),
        timeline: timeline.map(hourUsageView),
        recent: recent.map((row) => requestView(row, name(row))),
        scope: { self: isAll ? null : caller.name, all: isAll },
      };
    },
  );
}

function sendExport(
  reply: FastifyReply,
  scope: UsageScope,
  limit: number,
  format: keyof typeof exportTypes,
  { reader, keys }: UsageRouteOptions,
): FastifyReply {
  const name = namer(keys);
  async function* pages(): AsyncGenerator<ReturnType<typeof requestView>[], void> {
    for await (const page of eachPage(reader, scope, limit)) yield page.map((row) => requestView(row, name(row)));
  }
  return reply
    .type(exportTypes[format])
    .header('content-disposition', `attachment; filename="ocp-usage.${format}"`)
    .send(Readable.from(exported(pages(), format)));
}
