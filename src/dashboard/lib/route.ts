import { signal } from '@preact/signals';

export const views = [
  ['overview', 'Overview'],
  ['keys', 'Keys'],
  ['requests', 'Requests'],
  ['settings', 'Settings'],
  ['sessions', 'Sessions'],
  ['cache', 'Cache'],
  ['audit', 'Audit'],
  ['logs', 'Logs'],
  ['doctor', 'Doctor'],
] as const;

export type ViewName = (typeof views)[number][0];

/** The view that the address names. */
export const route = signal<ViewName>(named());

addEventListener('hashchange', () => {
  route.value = named();
});

function named(): ViewName {
  const name = location.hash.replace(/^#\/?/u, '');
  return views.find(([known]) => known === name)?.[0] ?? 'overview';
}
