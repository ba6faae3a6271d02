import { useState } from 'preact/hooks';
import { query } from '../lib/api.ts';
import { compact, fullTime, modelName, usd, zone } from '../lib/format.ts';
import { live, serverNow } from '../lib/live.ts';
import { useNow, useResource } from '../lib/resource.ts';
import { logout } from '../lib/session.ts';
import type { Limits, Me as MyKey, Stats } from '../lib/types.ts';
import { Meter } from '../ui/bars.tsx';
import { Brand } from '../ui/brand.tsx';
import { Card, Loaded, PageHead, Segments } from '../ui/parts.tsx';
import { Charts } from './overview/charts.tsx';
import { Running } from './overview/now.tsx';
import { Tiles } from './overview/tiles.tsx';
import { RequestTable } from './request-table.tsx';

const ranges = [
  ['24', '24 h'],
  ['168', '7 days'],
  ['720', '30 days'],
] as const;

/** What a person with a key of their own sees: their usage and their limits. */
export function Me() {
  const [hours, setHours] = useState<(typeof ranges)[number][0]>('24');
  const me = useResource<MyKey>('/api/me', ['me', 'request']);
  const by = hours === '720' ? 'day' : 'hour';
  const stats = useResource<Stats>(`/api/stats${query({ hours, by, zone })}`, ['request']);
  const now = useNow(1000, serverNow);
  return (
    <main class="main main-narrow">
      <div class="between">
        <Brand />
        <button type="button" class="button" onClick={() => void logout()}>
          Log out
        </button>
      </div>
      <br />
      <PageHead title={me.data === undefined ? 'Your usage' : `Hello, ${me.data.name}`}>
        <Segments label="Time" value={hours} choices={ranges} onChange={setHours} />
      </PageHead>
      <div class="stack">
        <Loaded from={me}>{(found) => <MyLimits me={found} />}</Loaded>
        <Card title="Right now">
          <Running requests={live.value?.running ?? []} now={now} />
        </Card>
        <Loaded from={stats}>
          {(found) => (
            <>
              <Tiles stats={found} />
              <Charts stats={found} isOwn />
            </>
          )}
        </Loaded>
        <Card title="Your latest requests">
          <RequestTable path="/api/requests?limit=20" isOwn />
        </Card>
      </div>
    </main>
  );
}

const periods = [
  ['daily', 'today (UTC)'],
  ['weekly', 'last 7 days'],
  ['monthly', 'last 30 days'],
] as const;
const kinds = [
  ['requests', 'Requests', compact],
  ['tokens', 'Tokens', compact],
  ['usd', 'Cost', usd],
] as const;

function MyLimits({ me }: { me: MyKey }) {
  return (
    <Card title="Your limits" side={me.key === null ? null : <span class="mono muted">{me.key.keyPreview}</span>}>
      <div class="plan-windows">
        {kinds.map(([kind, name, format]) =>
          periods.map(([period, when]) => {
            const used = me.used[period][kind];
            const most = me.limits?.[kind][period] ?? null;
            if (most === null && period !== 'daily') return null;
            return (
              <div key={`${kind} ${period}`}>
                <div class="between">
                  <span class="muted">
                    {name}, {when}
                  </span>
                  <strong>{format(used)}</strong>
                </div>
                {most === null ? (
                  <p class="small muted">no limit</p>
                ) : (
                  <>
                    <Meter share={most === 0 ? 1 : used / most} label={`${name}, ${when}`} />
                    <p class="small muted">
                      of {format(most)}, {format(Math.max(0, most - used))} left
                    </p>
                  </>
                )}
              </div>
            );
          }),
        )}
      </div>
      <p class="small muted">{further(me.limits, me.key)}</p>
    </Card>
  );
}

function further(limits: Limits | null, key: MyKey['key']): string {
  const { requestsPerMinute = null, concurrentTurns = null } = limits ?? {};
  const { models = null, expiresAt = null } = key ?? {};
  const parts = [
    requestsPerMinute === null ? '' : `At most ${requestsPerMinute} requests a minute.`,
    concurrentTurns === null ? '' : `At most ${concurrentTurns} at the same time.`,
    models === null ? '' : `Models: ${models.map(modelName).join(', ')}.`,
    expiresAt === null ? '' : `The key expires ${fullTime(Date.parse(expiresAt))}.`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
