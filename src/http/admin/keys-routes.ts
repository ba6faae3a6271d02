import type { FastifyInstance } from 'fastify';
import type { AuditLog } from '../../store/audit.ts';
import type { KeyRecord } from '../../store/key-record.ts';
import { noLimits } from '../../store/key-record.ts';
import type { KeyStore } from '../../store/keys.ts';
import { keyNotFound } from '../../store/keys.ts';
import { parseWith } from '../../wire/validate.ts';
import { jsonBodyOf } from '../body/body-parser.ts';
import { auditKey } from './audited.ts';
import type { KnownNames } from './key-change.ts';
import { keyChange } from './key-change.ts';
import { changedKeyAnswer, keyListAnswer, keyPatch, newKeyAnswer, revokedAnswer, rotation } from './key-schemas.ts';
import { keyView } from './key-view.ts';

export interface KeysRouteOptions {
  readonly keys: KeyStore;
  readonly audit: AuditLog;
  readonly known: KnownNames;
  /** Called when a key may have ended, to end what it runs. */
  readonly onKeysChanged: () => void;
}

export interface ByIdOrName {
  readonly Params: { readonly idOrName: string };
}

/** Bytes of a body of the admin's endpoints. */
export const ADMIN_BODY_BYTES = 10_000;

/** `/api/keys`: the admin's list of keys. Contract: "HTTP surface" of OCP's HTTP contract, and what OCP adds. */
export function addKeysRoutes(server: FastifyInstance, options: KeysRouteOptions): void {
  const { keys, audit, known, onKeysChanged } = options;
  const bodyLimit = ADMIN_BODY_BYTES;
  server.get(
    '/api/keys',
    { config: { access: 'admin', docs: { summary: 'List the keys, newest first', answers: { 200: keyListAnswer } } } },
    () => ({ keys: keys.list().map((key) => keyView(key, known.hasProfile)) }),
  );
  server.post(
    '/api/keys',
    {
      bodyLimit,
      config: {
        access: 'admin',
        docs: {
          summary: 'Create a key; the answer is the only one that shows it',
          body: keyPatch,
          answers: { 201: newKeyAnswer },
        },
      },
    },
    async (request, reply) => {
      const wanted = keyChange(parseWith(keyPatch, jsonBodyOf(request)), noLimits, known);
      const { key, record } = keys.create(wanted, auditKey(audit, request, 'key.create'));
      return reply.code(201).send({ id: record.id, key, name: record.name });
    },
  );
  server.patch<ByIdOrName>(
    '/api/keys/:idOrName',
    {
      bodyLimit,
      config: {
        access: 'admin',
        docs: { summary: 'Change a key', body: keyPatch, answers: { 200: changedKeyAnswer } },
      },
    },
    (request) => {
      const key = livingKey(keys, request.params.idOrName);
      const wanted = keyChange(parseWith(keyPatch, jsonBodyOf(request)), key.limits, known);
      const changed = keys.change(key.id, wanted, auditKey(audit, request, 'key.change'));
      onKeysChanged();
      return { ok: true, key: keyView(changed, known.hasProfile) };
    },
  );
  server.delete<ByIdOrName>(
    '/api/keys/:idOrName',
    { config: { access: 'admin', docs: { summary: 'Revoke a key for good', answers: { 200: revokedAnswer } } } },
    (request) => {
      const { idOrName } = request.params;
      const key = keys.get(idOrName);
      if (key === undefined || key.revokedAt !== null) return { revoked: false, idOrName };
      keys.revoke(key.id, auditKey(audit, request, 'key.revoke'));
      onKeysChanged();
      return { revoked: true, idOrName };
    },
  );
  server.post<ByIdOrName>(
    '/api/keys/:idOrName/rotate',
    {
      bodyLimit,
      config: {
        access: 'admin',
        docs: {
          summary: 'Give a key a new text; the old one can go on to work for a while',
          body: rotation,
          answers: { 200: newKeyAnswer },
        },
      },
    },
    (request) => {
      const found = livingKey(keys, request.params.idOrName);
      const { overlapMs } = parseWith(rotation, request.body);
      const { key, record } = keys.rotate(found.id, overlapMs, auditKey(audit, request, 'key.rotate'));
      onKeysChanged();
      return { id: record.id, key, name: record.name };
    },
  );
}

/** The key of a path. Raises OcpError `not_found` when there is none, or it is revoked. */
export function livingKey(keys: KeyStore, idOrName: string): KeyRecord {
  const key = keys.get(idOrName);
  if (key === undefined || key.revokedAt !== null) throw keyNotFound();
  return key;
}
