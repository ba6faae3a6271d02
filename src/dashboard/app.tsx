import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { connection, status } from './lib/live.ts';
import type { ViewName } from './lib/route.ts';
import { route, views } from './lib/route.ts';
import { logout, session, view } from './lib/session.ts';
import { Audit } from './views/audit.tsx';
import { Cache } from './views/cache.tsx';
import { Doctor } from './views/doctor.tsx';
import { Keys } from './views/keys/keys.tsx';
import { Logs } from './views/logs.tsx';
import { Me } from './views/me.tsx';
import { Overview } from './views/overview/overview.tsx';
import { Public } from './views/public.tsx';
import { Requests } from './views/requests.tsx';
import { Sessions } from './views/sessions.tsx';
import { Settings } from './views/settings.tsx';
import { Brand, Connection } from './ui/brand.tsx';

const pages: Readonly<Record<ViewName, () => preact.JSX.Element>> = {
  overview: Overview,
  keys: Keys,
  requests: Requests,
  settings: Settings,
  sessions: Sessions,
  cache: Cache,
  audit: Audit,
  logs: Logs,
  doctor: Doctor,
};

export function App() {
  const title = views.find(([name]) => name === route.value)?.[1] ?? '';
  const who = view.value;
  useEffect(() => {
    document.title = who === 'admin' ? `${title} · OCP` : 'OCP';
  }, [title, who]);
  return (
    <>
      {connection.value === 'lost' ? (
        <div class="banner" role="status">
          The connection to OCP is lost. Trying again …
        </div>
      ) : null}
      {who === 'unknown' ? null : who === 'admin' ? <Admin /> : who === 'person' ? <Me /> : <Public />}
    </>
  );
}

function Admin() {
  const isOpen = useSignal(false);
  const Page = pages[route.value];
  useEffect(() => {
    isOpen.value = false;
    scrollTo(0, 0);
  }, [route.value]);
  return (
    <div class="shell">
      <header class="topbar">
        <Brand />
        <button
          type="button"
          class="button"
          aria-expanded={isOpen.value}
          aria-controls="rail"
          onClick={() => (isOpen.value = !isOpen.value)}
        >
          {views.find(([name]) => name === route.value)?.[1]}
          <span aria-hidden="true">▾</span>
          <span class="hidden-text">, all views</span>
        </button>
      </header>
      <aside class="rail" id="rail" data-open={isOpen.value} aria-label="OCP">
        <Brand />
        <nav class="nav" aria-label="Views">
          {views.map(([name, text]) => (
            <a key={name} href={`#/${name}`} aria-current={name === route.value ? 'page' : undefined}>
              {text}
            </a>
          ))}
        </nav>
        <div class="rail-foot">
          <Connection />
          <span class="muted">
            OCP {status.value?.version}
            <br />
            Claude CLI {status.value?.claudeVersion ?? 'not found'}
          </span>
          {session.value?.csrf === null ? (
            <span class="muted">Open on this machine without a login</span>
          ) : (
            <button type="button" class="button" onClick={() => void logout()}>
              Log out
            </button>
          )}
        </div>
      </aside>
      <main class="main">
        <Page key={route.value} />
      </main>
    </div>
  );
}
