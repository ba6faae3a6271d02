import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Amounts } from '../../gateway/limits/amounts.ts';
import type { QuotaWindow } from '../../gateway/limits/types.ts';
import type { KeyStore } from '../../store/keys.ts';
import { limitsAnswer } from '../admin/key-schemas.ts';
import { limitedCaller } from '../call-origin.ts';
import { callerOf } from '../caller.ts';
import { accountOf } from './account.ts';

export interface MeRouteOptions {
  readonly keys: KeyStore;
  /** What an account has used in each window. */
  readonly used: (account: string) => Readonly<Record<QuotaWindow, Amounts>>;
}

const amounts = z.object({ requests: z.number(), tokens: z.number(), usd: z.number() });
const meAnswer = z.strictObject({
  role: z.string(),
  name: z.string(),
  /** Null for a caller without a key of their own. */
  key: z
    .strictObject({
      keyPreview: z.string(),
      expiresAt: z.iso.datetime().nullable(),
      profile: z.string(),
      models: z.array(z.string()).nullable(),
      defaultModel: z.string().nullable(),
    })
    .nullable(),
  /** Null = none. */
  limits: limitsAnswer.nullable(),
  /** `daily` is the UTC day; `weekly` and `monthly` are the last 7 and 30 days. */
  used: z.object({ daily: amounts, weekly: amounts, monthly: amounts }),
});

/** `/api/me`: who the caller is, what they may use, and what they have used. */
export function addMeRoute(server: FastifyInstance, { keys, used }: MeRouteOptions): void {
  server.get(
    '/api/me',
    {
      config: {
        access: 'callers',
        docs: { summary: 'Show who you are, what you may use and what you have used', answers: { 200: meAnswer } },
      },
    },
    (request): z.input<typeof meAnswer> => {
      const caller = callerOf(request);
      const findKey = (name: string): ReturnType<KeyStore['get']> => keys.get(name);
      const { key } = caller;
      return {
        role: caller.role,
        name: caller.name,
        key:
          key === null
            ? null
            : {
                keyPreview: key.preview,
                expiresAt: key.expiresAt === null ? null : new Date(key.expiresAt).toISOString(),
                profile: key.profile,
                models: key.models === null ? null : [...key.models],
                defaultModel: key.defaultModel,
              },
        limits: limitedCaller(caller, findKey).limited?.limits ?? null,
        used: used(accountOf(caller, findKey)),
      };
    },
  );
}
