import { useState } from 'preact/hooks';
import { query } from '../lib/api.ts';
import { cause, modelName, zone } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import type { Stats } from '../lib/types.ts';
import { Card, Choice, PageHead } from '../ui/parts.tsx';
import { RequestTable } from './request-table.tsx';

/** Every request that is kept, with filters, and as a file. */
export function Requests() {
  const [key, setKey] = useState('');
  const [model, setModel] = useState('');
  const [outcome, setOutcome] = useState('');
  const [since, setSince] = useState('');
  const known = useResource<Stats>(`/api/stats${query({ hours: 2160, by: 'day', zone })}`);
  const filters = { key, model, outcome, since: since === '' ? undefined : new Date(since).toISOString() };
  const { byKey = [], byModel = [], errors = [] } = known.data ?? {};
  return (
    <>
      <PageHead title="Requests" about="Every request, however it ended. What was said is not kept.">
        <a class="button" href={`/api/requests${query({ ...filters, format: 'csv' })}`} download="ocp-requests.csv">
          Export CSV
        </a>
        <a class="button" href={`/api/requests${query({ ...filters, format: 'jsonl' })}`} download="ocp-requests.jsonl">
          Export JSONL
        </a>
      </PageHead>
      <Card>
        <div class="row">
          <Choice
            label="Key"
            value={key}
            choices={[
              ['', 'All keys'],
              ...byKey.map(({ account, name }) => [account.replace(/^key:/u, ''), name] as const),
            ]}
            onChange={setKey}
          />
          <Choice
            label="Model"
            value={model}
            choices={[
              ['', 'All models'],
              ...byModel.filter((one) => one.model !== '').map((one) => [one.model, modelName(one.model)] as const),
            ]}
            onChange={setModel}
          />
          <Choice
            label="Outcome"
            value={outcome}
            choices={[
              ['', 'Every outcome'],
              ['ok', 'Answered'],
              ['error', 'Failed'],
              ...errors.map((one) => [one.outcome, cause(one.outcome)] as const),
            ]}
            onChange={setOutcome}
          />
          <label class="row">
            <span class="muted small">Since</span>
            <input
              class="input"
              type="datetime-local"
              value={since}
              onChange={(event) => setSince(event.currentTarget.value)}
            />
          </label>
        </div>
        <br />
        <RequestTable path={`/api/requests${query({ limit: 50, ...filters })}`} />
      </Card>
    </>
  );
}
