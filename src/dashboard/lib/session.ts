import { computed, effect, signal } from '@preact/signals';
import { ask, csrf, isLoggedOut } from './api.ts';
import type { Session } from './types.ts';

/** Who looks at the page; undefined until the server has said so. */
export const session = signal<Session | undefined>(undefined);

/** What the page shows: everything, one's own, or what everybody may see. */
export const view = computed<'admin' | 'person' | 'public' | 'unknown'>(() => {
  const known = session.value;
  if (known === undefined) return 'unknown';
  if (known.isAdmin) return 'admin';
  return known.csrf === null ? 'public' : 'person';
});

/** Asks who looks at the page. A key in the address, as old links have it, is taken out of it at once and logged in with. */
export async function loadSession(): Promise<void> {
  const address = new URL(location.href);
  const token = address.searchParams.get('token');
  if (token !== null) {
    address.searchParams.delete('token');
    history.replaceState(null, '', address);
    try {
      await login(token);
      return;
    } catch {
      // It opens nothing any more; the page shows what everybody may see.
    }
  }
  take(await ask<Session>('/api/session'));
}

/** Raises ApiError for a key that opens nothing. */
export async function login(key: string): Promise<void> {
  take(await ask<Session>('/api/session', 'POST', { key }));
}

export async function logout(): Promise<void> {
  await ask('/api/session', 'DELETE');
  take(await ask<Session>('/api/session'));
}

function take(found: Session): void {
  csrf.value = found.csrf;
  isLoggedOut.value = false;
  session.value = found;
}

effect(() => {
  if (!isLoggedOut.value) return;
  isLoggedOut.value = false;
  void ask<Session>('/api/session').then(take, () => {});
});
