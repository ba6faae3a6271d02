import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endpointProblems } from '../../alignment/check/endpoints.ts';
import { endpointRows } from '../../alignment/rows/endpoints.ts';
import { packageRoot, startOcp } from '../support/ocp.ts';

test('every route of the server has an authority, and every authority a route', async () => {
  await using ocp = await startOcp();
  const { paths } = (await (await fetch(`${ocp.url}/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
  assert.ok(routes.length > 10);
  assert.deepEqual(
    endpointProblems(endpointRows, routes, (file) => existsSync(join(packageRoot, file))),
    [],
  );
});
