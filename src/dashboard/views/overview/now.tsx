import { compact, duration, milliseconds, modelName } from '../../lib/format.ts';
import { live, serverNow, status } from '../../lib/live.ts';
import { useNow } from '../../lib/resource.ts';
import type { Live, LiveRequest } from '../../lib/types.ts';
import { Card, Empty } from '../../ui/parts.tsx';

/** What runs at this moment. */
export function Now() {
  const now = useNow(500, serverNow);
  const known = live.value;
  const startedAt = status.value?.startedAt;
  const side = startedAt === undefined ? null : <span class="small muted">up for {duration(now - startedAt)}</span>;
  return (
    <Card title="Right now" side={side}>
      {known?.queue === undefined || known.workers === undefined ? (
        <div class="loading" role="status">
          <span class="hidden-text">Loading</span>
        </div>
      ) : (
        <div class="now">
          <Places queue={known.queue} workers={known.workers} />
          <Running requests={known.running} now={now} />
        </div>
      )}
    </Card>
  );
}

function Places({ queue, workers }: { queue: NonNullable<Live['queue']>; workers: NonNullable<Live['workers']> }) {
  const places = Array.from({ length: queue.most }, (_, index) => (index < queue.running ? 'place taken' : 'place'));
  const waiting = Array.from({ length: queue.waiting }, () => 'place waits');
  return (
    <div>
      <p>
        <b>{queue.running}</b> of {queue.most} places taken
        {queue.waiting > 0 ? <span class="warn">, {queue.waiting} waiting</span> : null}
      </p>
      <div class="places" aria-hidden="true">
        {[...places, ...waiting].map((kind, index) => (
          <span key={index} class={kind} />
        ))}
      </div>
      <dl class="facts">
        <dt>Spare workers</dt>
        <dd>{workers.spares + workers.ready}</dd>
        <dt>Live conversations</dt>
        <dd>{workers.conversations}</dd>
        <dt>Turned away</dt>
        <dd>{queue.rejections}</dd>
      </dl>
    </div>
  );
}

/** Requests that are not over, the oldest first. */
export function Running({ requests, now }: { requests: readonly LiveRequest[]; now: number }) {
  if (requests.length === 0) {
    return <Empty title="Nothing is running">Requests appear here while they are answered.</Empty>;
  }
  return (
    <ul class="live-list" aria-label="Running requests">
      {requests.slice(0, 8).map((request) => (
        <li key={request.id}>
          <span class="cut">
            <b>{request.caller}</b>{' '}
            <span class="muted">
              {modelName(request.model)} · {request.client}
            </span>
          </span>
          <span class="small muted">{progress(request, now)}</span>
          <span class={request.state === 'streaming' ? 'pulse' : 'pulse waiting'} />
        </li>
      ))}
      {requests.length > 8 ? <li class="muted">and {requests.length - 8} more</li> : null}
    </ul>
  );
}

function progress({ state, characters, startedAt }: LiveRequest, now: number): string {
  const time = milliseconds(Math.max(0, now - startedAt));
  if (state === 'waiting') return `in the queue, ${time}`;
  return state === 'working' ? `before its first word, ${time}` : `${compact(characters)} characters, ${time}`;
}
