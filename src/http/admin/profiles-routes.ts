import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Profiles } from '../../claude/profiles.ts';
import { isProfileName } from '../../claude/profiles.ts';
import type { AuditLog } from '../../store/audit.ts';
import { OcpError } from '../../wire/errors.ts';
import { audit } from './audited.ts';

export interface ProfilesRouteOptions {
  readonly profiles: Pick<Profiles, 'list'>;
  readonly audit: AuditLog;
  /** The login of a profile has changed: its workers start with the new one. Resolves with false where there is no such profile. */
  readonly renewLogin: (profile: string) => Promise<boolean>;
}

const listAnswer = z.strictObject({ profiles: z.array(z.string()) });

const renewedAnswer = z.strictObject({ profile: z.string(), renewed: z.literal(true) });

/**
 * `GET /api/profiles`: the Claude logins that a key can be bound to; `default` is the operator's own. `POST …/renew`: that login
 * was changed or removed on this machine; idle workers end, turns that run finish.
 */
export function addProfilesRoutes(
  server: FastifyInstance,
  { profiles, audit: auditLog, renewLogin }: ProfilesRouteOptions,
): void {
  server.get(
    '/api/profiles',
    { config: { access: 'admin', docs: { summary: 'List the Claude logins', answers: { 200: listAnswer } } } },
    async () => ({ profiles: [...(await profiles.list())] }),
  );
  server.post<{ Params: { name: string } }>(
    '/api/profiles/:name/renew',
    {
      config: {
        access: 'admin',
        docs: { summary: 'Take over a login that was changed on this machine', answers: { 200: renewedAnswer } },
      },
    },
    (request) => renew(request),
  );

  async function renew(request: FastifyRequest<{ Params: { name: string } }>): Promise<z.input<typeof renewedAnswer>> {
    const profile = request.params.name;
    const isKnown = isProfileName(profile) && (await renewLogin(profile));
    if (!isKnown) throw new OcpError('not_found', 'There is no profile of this name.');
    audit(auditLog, request, { action: 'profile.renew', target: profile, before: null, after: null });
    return { profile, renewed: true };
  }
}
