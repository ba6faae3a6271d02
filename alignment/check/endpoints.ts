import type { EndpointRow } from '../rows/row.ts';

/** A route as the server describes it. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** What is wrong between the routes of the server and the rows of their authorities, one line each. */
export function endpointProblems(
  rows: readonly EndpointRow[],
  routes: readonly Route[],
  documentExists: (file: string) => boolean,
): readonly string[] {
  const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
  const inRows = new Set(rows.map(nameOf));
  const served = new Set(routes.map(nameOf));
  return [
    ...[...served].filter((name) => !inRows.has(name)).map((name) => `${name} has no authority`),
    ...[...inRows].filter((name) => !served.has(name)).map((name) => `${name} is not served`),
    ...rows.filter(({ authority }) => authority.length === 0).map((row) => `${nameOf(row)} has no authority`),
    ...rows.flatMap((row) =>
      row.authority.flatMap((one) =>
        'document' in one && !documentExists(one.document) ? [`${nameOf(row)} names no document: ${one.document}`] : [],
      ),
    ),
  ];
}
