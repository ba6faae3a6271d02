import { useState } from 'preact/hooks';
import { query } from '../../lib/api.ts';
import { cause, compact, modelName, zone } from '../../lib/format.ts';
import { status } from '../../lib/live.ts';
import { useResource } from '../../lib/resource.ts';
import type { Amounts, Stats } from '../../lib/types.ts';
import { Bar } from '../../ui/bars.tsx';
import { Card, Choice, Empty, Loaded, PageHead, Segments } from '../../ui/parts.tsx';
import { Charts } from './charts.tsx';
import { Now } from './now.tsx';
import { PlanWindows } from './plan-windows.tsx';
import { Tiles } from './tiles.tsx';

const ranges = [
  ['24h', '24 h'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
] as const;
type Range = (typeof ranges)[number][0];
const asked: Readonly<Record<Range, { hours: number; by: 'hour' | 'day' }>> = {
  '24h': { hours: 24, by: 'hour' },
  '7d': { hours: 168, by: 'hour' },
  '30d': { hours: 720, by: 'day' },
  '90d': { hours: 2160, by: 'day' },
};

/** How OCP is doing, now and over time. */
export function Overview() {
  const [range, setRange] = useState<Range>('24h');
  const [key, setKey] = useState('');
  const [model, setModel] = useState('');
  const stats = useResource<Stats>(`/api/stats${query({ ...asked[range], zone, key, model })}`, ['request']);
  const all = useResource<Stats>(`/api/stats${query({ ...asked[range], zone })}`);
  const { problem, endedLogins = [] } = status.value ?? {};
  return (
    <>
      <PageHead title="Overview">
        <Choice
          label="Key"
          value={key}
          choices={[['', 'All keys'], ...(all.data?.byKey ?? []).map(keyChoice)]}
          onChange={setKey}
        />
        <Choice
          label="Model"
          value={model}
          choices={[
            ['', 'All models'],
            ...(all.data?.byModel ?? []).filter((one) => one.model !== '').map(modelChoice),
          ]}
          onChange={setModel}
        />
        <Segments label="Time" value={range} choices={ranges} onChange={setRange} />
      </PageHead>
      <div class="stack">
        {problem === undefined || problem === null ? null : (
          <p class="notice bad" role="alert">
            {problem}
          </p>
        )}
        {endedLogins.map(({ profile, command }) => (
          <p key={profile} class="notice warn" role="alert">
            The login of {profile} has ended; on the server, run <code>{command}</code>.
          </p>
        ))}
        <Now />
        <Loaded from={stats}>{(found) => <Tiles stats={found} />}</Loaded>
        <PlanWindows />
        {stats.data === undefined ? null : <OverTime stats={stats.data} />}
      </div>
    </>
  );
}

function OverTime({ stats }: { stats: Stats }) {
  return (
    <>
      <Charts stats={stats} />
      <div class="columns">
        <Shares title="By key" rows={stats.byKey.map((row) => [row.name, row])} />
        <Shares title="By model" rows={stats.byModel.map((row) => [modelName(row.model) || 'none answered', row])} />
        <Errors stats={stats} />
      </div>
    </>
  );
}

function Shares({ title, rows }: { title: string; rows: readonly (readonly [string, Amounts])[] }) {
  const most = Math.max(1, ...rows.map(([, { requests }]) => requests));
  return (
    <Card title={title} side={<span class="small muted">requests</span>}>
      {rows.length === 0 ? (
        <Empty title="No requests in this time" />
      ) : (
        <ul class="shares">
          {rows.slice(0, 8).map(([name, { requests }]) => (
            <li key={name}>
              <span class="cut">{name}</span>
              <span>{compact(requests)}</span>
              <Bar share={requests / most} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Errors({ stats }: { stats: Stats }) {
  const most = Math.max(1, ...stats.errors.map(({ requests }) => requests));
  return (
    <Card title="Errors by cause" side={<span class="small muted">requests</span>}>
      {stats.errors.length === 0 ? (
        <Empty title="No errors in this time" />
      ) : (
        <ul class="shares">
          {stats.errors.slice(0, 8).map(({ outcome, requests }) => (
            <li key={outcome}>
              <span>{cause(outcome)}</span>
              <span>{compact(requests)}</span>
              <Bar share={requests / most} tone="bad" />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function keyChoice({ account, name }: { account: string; name: string }): readonly [string, string] {
  return [account.replace(/^key:/u, ''), name];
}

function modelChoice({ model }: { model: string }): readonly [string, string] {
  return [model, modelName(model)];
}
