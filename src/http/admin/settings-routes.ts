import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Setting, WrittenSetting } from '../../config/settings.ts';
import { readSetting, settingRange, settings, variableOf } from '../../config/settings.ts';
import type { AuditLog } from '../../store/audit.ts';
import { OcpError, openAiError } from '../../wire/errors.ts';
import { isObject } from '../../wire/json.ts';
import type { RuntimeSettings } from '../runtime-settings.ts';
import { jsonBodyOf } from '../body/body-parser.ts';
import { audit } from './audited.ts';
import { ADMIN_BODY_BYTES } from './keys-routes.ts';

export interface SettingsRouteOptions {
  readonly settings: RuntimeSettings;
  readonly audit: AuditLog;
  /** Called after a change, for what does not look at a setting by itself. */
  readonly onSettingsChanged: () => void;
}

interface Problem {
  readonly problem: string;
}

const valueSchemas = Object.fromEntries(
  settings.map(({ name, min, max, isTime }) => {
    const number = z.int().min(min).max(max);
    return [name, (isTime ? z.union([number, z.string()]) : number).nullable().optional()];
  }),
);
/** New values by name, times also as text such as `5m`; null goes back to the value without the change. */
const settingsPatch = z.looseObject(valueSchemas);

const setting = z.strictObject({
  value: z.number().nullable(),
  text: z.string().nullable(),
  range: z.string(),
  type: z.literal('number'),
  min: z.number(),
  max: z.number(),
  unit: z.string(),
  desc: z.string(),
  source: z.enum(['default', 'environment', 'database', 'runtime']),
  env: z.string(),
});
const settingsAnswer = z.record(z.string(), setting);
const result = z.union([
  z.strictObject({ ok: z.literal(true), value: z.number().nullable(), note: z.string().optional() }),
  z.strictObject({ error: z.string() }),
]);
const patchAnswer = z.looseObject({
  results: z.record(z.string(), result),
  errors: z.array(z.string()).optional(),
  current: settingsAnswer,
});

/** `/settings`. Contract: section "settings" of OCP's HTTP contract; kept at a restart, with the source of each value. */
export function addSettingsRoutes(server: FastifyInstance, options: SettingsRouteOptions): void {
  const current = (): z.input<typeof settingsAnswer> =>
    Object.fromEntries(settings.map((row) => [row.name, shown(row, options.settings)]));
  server.get(
    '/settings',
    { config: { access: 'admin', docs: { summary: 'Show the settings', answers: { 200: settingsAnswer } } } },
    current,
  );
  server.patch(
    '/settings',
    {
      bodyLimit: ADMIN_BODY_BYTES,
      config: {
        access: 'admin',
        docs: {
          summary: 'Change settings at once; 207 when some could not be, 400 when none could',
          body: settingsPatch,
          answers: { 200: patchAnswer, 207: patchAnswer },
        },
      },
    },
    async (request, reply) => {
      const body = jsonBodyOf(request);
      if (!isObject(body) || Object.keys(body).length === 0) {
        throw new OcpError('invalid_request', 'Expected JSON object with key-value pairs');
      }
      const checked = Object.entries(body).map(([name, value]) => ({ name, value: checkedValue(name, value) }));
      const good = new Map(
        checked.flatMap(({ name, value }) => {
          const row = settings.find((candidate) => candidate.name === name);
          return row === undefined || isProblem(value) ? [] : [[row, value] as const];
        }),
      );
      if (good.size > 0) change(good);
      const errors = checked.flatMap(({ value }) => (isProblem(value) ? [value.problem] : []));
      const results = Object.fromEntries(
        checked.map(({ name, value }) => [name, isProblem(value) ? { error: value.problem } : outcome(name)]),
      );
      const [first] = errors;
      return reply.code(first === undefined ? 200 : good.size > 0 ? 207 : 400).send({
        results,
        ...(first === undefined ? {} : { errors }),
        current: current(),
        ...(good.size > 0 || first === undefined ? {} : openAiError(new OcpError('invalid_request', first))),
      });

      function change(changes: ReadonlyMap<Setting, WrittenSetting | null>): void {
        const named = (entries: Iterable<readonly [Setting, WrittenSetting | null]>): unknown =>
          Object.fromEntries([...entries].map(([{ name }, value]) => [name, value]));
        const before = named([...changes.keys()].map((row) => [row, options.settings.value(row.name)]));
        options.settings.change(changes, () =>
          audit(options.audit, request, {
            action: 'settings.change',
            target: 'settings',
            before,
            after: named(changes),
          }),
        );
        options.onSettingsChanged();
      }
    },
  );

  function outcome(name: string): z.input<typeof result> {
    const row = settings.find((candidate) => candidate.name === name);
    if (row === undefined) return { error: `unknown setting: ${name}` };
    const value = options.settings.value(row.name);
    if (options.settings.source(row) !== 'runtime') return { ok: true, value };
    return { ok: true, value, note: `until the next start, where ${variableOf(row)} sets it again` };
  }
}

function shown(row: Setting, runtime: RuntimeSettings): z.input<typeof setting> {
  const { name, min, max, unit, desc } = row;
  const [value, text, source] = [runtime.value(name), runtime.text(row), runtime.source(row)];
  return { value, text, range: settingRange(row), type: 'number', min, max, unit, desc, source, env: variableOf(row) };
}

/** The value as it was given, or what is wrong with it. */
function checkedValue(name: string, value: unknown): WrittenSetting | null | Problem {
  const row = settings.find((candidate) => candidate.name === name);
  if (row === undefined) return { problem: `unknown setting: ${name.slice(0, 64)}` };
  if (value === null) return null;
  const read = readSetting(row, value);
  if ('problem' in read) return read;
  return typeof value === 'string' && row.isTime ? value.trim() : read.value;
}

function isProblem(value: WrittenSetting | null | Problem): value is Problem {
  return typeof value === 'object' && value !== null;
}
