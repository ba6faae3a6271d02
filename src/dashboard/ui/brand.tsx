import { connection, status } from '../lib/live.ts';

export function Brand() {
  return (
    <div class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="currentColor" />
        <path d="M8 22V10m8 12V6m8 16v-8" stroke="var(--card)" stroke-width="3.4" stroke-linecap="round" />
      </svg>
      OCP
    </div>
  );
}

/** Whether OCP is well, and whether the page hears of it. */
export function Connection() {
  const isWell = status.value?.status === 'ok';
  const isOpen = connection.value === 'open' && status.value !== undefined;
  const [tone, text] = !isOpen ? ['warn', 'Connecting'] : isWell ? ['good', 'Running'] : ['bad', 'Needs attention'];
  return (
    <span>
      <span class={`dot ${tone}`} />
      {text}
    </span>
  );
}
