import { duration } from '../lib/format.ts';
import { serverNow, status } from '../lib/live.ts';
import { useNow } from '../lib/resource.ts';
import { Brand } from '../ui/brand.tsx';
import { Card } from '../ui/parts.tsx';
import { Login } from './login.tsx';
import { PlanWindows } from './overview/plan-windows.tsx';

/** What everybody may see: how OCP is doing, and nothing about people. */
export function Public() {
  const known = status.value;
  const now = useNow(1000, serverNow);
  return (
    <main class="main main-narrow">
      <header class="page-head">
        <div class="stack">
          <Brand />
          <h1>Open Claude Proxy</h1>
        </div>
      </header>
      <div class="stack">
        {known === undefined ? (
          <div class="loading" role="status">
            <span class="hidden-text">Loading</span>
          </div>
        ) : (
          <dl class="tiles">
            <div class="tile">
              <dt>Status</dt>
              <dd class="figure">
                <span class={`dot ${known.status === 'ok' ? 'good' : 'bad'}`} />
                {known.status === 'ok' ? 'Running' : 'Needs attention'}
              </dd>
            </div>
            <div class="tile">
              <dt>Version</dt>
              <dd class="figure">{known.version}</dd>
            </div>
            <div class="tile">
              <dt>Up for</dt>
              <dd class="figure">{duration(now - known.startedAt)}</dd>
            </div>
          </dl>
        )}
        <PlanWindows />
        <Card title="Log in" class="login">
          <Login />
        </Card>
      </div>
    </main>
  );
}
