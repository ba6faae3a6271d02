import type { FastifyInstance, RouteOptions } from 'fastify';
import * as z from 'zod';
import { errorCatalogue } from '../wire/errors.ts';
import type { RouteDocs } from './route-docs.ts';

type Json = Readonly<Record<string, unknown>>;

interface DocumentedRoute {
  readonly method: string;
  readonly url: string;
  readonly access: 'public' | 'anyone' | 'callers' | 'admin';
  readonly docs: RouteDocs;
}

const errorBody = z.looseObject({
  error: z.looseObject({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable().optional(),
    code: z.enum(Object.keys(errorCatalogue) as [string, ...string[]]),
  }),
});

/**
 * Serves the description of the routes that are added after it, at `GET /openapi.json`. It is made from the schemas by
 * which requests are checked. Raises TypeError for a route that does not say what it is. Contract: OpenAPI Specification
 * 3.1.
 */
export function addOpenApi(server: FastifyInstance, version: string): void {
  const routes: DocumentedRoute[] = [];
  let document: Json | undefined;
  server.addHook('onRoute', (route) => {
    routes.push(...documented(route));
    document = undefined;
  });
  server.get(
    '/openapi.json',
    { config: { access: 'public', docs: { summary: 'This description, as OpenAPI 3.1' } } },
    () => (document ??= describe(routes, version)),
  );
}

function documented({ method, url, config }: RouteOptions): DocumentedRoute[] {
  if (config?.docs === undefined) throw new TypeError(`${url} does not say who may call it and what it does`);
  const { access, docs } = config;
  return [method].flat().flatMap((name) => (name === 'HEAD' ? [] : [{ method: name, url, access, docs }]));
}

function describe(routes: readonly DocumentedRoute[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'OCP, the Open Claude Proxy', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      schemas: { Error: jsonSchema(errorBody, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'ocp_session',
          description: 'Set by POST /api/session, with the port in its name. Changes also need the header x-ocp-csrf.',
        },
      },
    },
  };
}

function operation({ method, url, access, docs }: DocumentedRoute): Json {
  const { body, query, answers = {}, streams, summary } = docs;
  const operationId = `${method.toLowerCase()}${url.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`;
  const parameters = [
    ...[...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...queryParameters(query),
  ];
  const success =
    Object.keys(answers).length > 0
      ? Object.entries(answers).map(([status, schema]) => [status, answer(jsonSchema(schema, 'output'), false)])
      : [['200', answer({ type: 'object' }, streams === true)]];
  return {
    operationId,
    summary,
    tags: [access],
    security: securityOf(access),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(jsonSchema(body, 'input')) } }),
    responses: {
      ...Object.fromEntries(success),
      default: { description: 'An error', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  };
}

/** An empty member says that it goes without. */
function securityOf(access: DocumentedRoute['access']): Json[] {
  if (access === 'public') return [];
  const keys = [{ bearer: [] }, { apiKey: [] }, { session: [] }];
  return access === 'anyone' ? [{}, ...keys] : keys;
}

function queryParameters(query: z.ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {} } = jsonSchema(query, 'input') as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function answer(schema: Json, streams: boolean): Json {
  const stream = streams ? { 'text/event-stream': { schema: { type: 'string' } } } : {};
  return { description: 'Success', content: { ...json(schema), ...stream } };
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

/** What a schema cannot say in JSON Schema it leaves open. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest;
}
