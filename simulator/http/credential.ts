import type { IncomingHttpHeaders } from 'node:http';

/** The key or token of a caller, however it is sent; undefined when there is none. */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string' && key !== '') return key;
  const credential = headers.authorization?.replace(/^bearer\s+/i, '');
  return credential === '' ? undefined : credential;
}

/** Tells whether the caller uses a subscription's token; only such calls count against a plan. */
export function usesSubscription(headers: IncomingHttpHeaders): boolean {
  return credentialOf(headers)?.startsWith('sk-ant-oat') === true;
}
