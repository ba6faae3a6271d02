import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Profiles } from '../../claude/profiles.ts';

export interface ProfilesRouteOptions {
  readonly profiles: Pick<Profiles, 'list'>;
}

const listAnswer = z.strictObject({ profiles: z.array(z.string()) });

/** `GET /api/profiles`: the Claude logins that a key can be bound to; `default` is the operator's own. */
export function addProfilesRoutes(server: FastifyInstance, { profiles }: ProfilesRouteOptions): void {
  server.get(
    '/api/profiles',
    { config: { access: 'admin', docs: { summary: 'List the Claude logins', answers: { 200: listAnswer } } } },
    async () => ({ profiles: [...(await profiles.list())] }),
  );
}
