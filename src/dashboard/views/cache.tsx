import { useState } from 'preact/hooks';
import { ask } from '../lib/api.ts';
import { compact, count, duration } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import type { Setting } from '../lib/types.ts';
import { Question } from '../ui/dialog.tsx';
import { Loaded, PageHead } from '../ui/parts.tsx';

interface CacheStats {
  readonly entries: number;
  readonly totalHits: number;
  readonly sizeBytes: number;
  readonly inflight: number;
  readonly requesters: number;
}

/** What the response cache holds. */
export function Cache() {
  const stats = useResource<CacheStats>('/cache/stats', ['request', 'audit']);
  const settings = useResource<Readonly<Record<string, Setting>>>('/settings', ['audit']);
  const [isAsking, setAsking] = useState(false);
  const ttl = settings.data?.['cacheTTL']?.value;
  const clear = async (): Promise<void> => {
    await ask('/cache', 'DELETE');
    stats.reload();
  };
  return (
    <>
      <PageHead
        title="Cache"
        about="Identical requests of one caller share an answer. Nothing is shared between callers."
      >
        <button type="button" class="button danger" onClick={() => setAsking(true)}>
          Empty it
        </button>
      </PageHead>
      <div class="stack">
        {ttl === 0 ? (
          <p class="notice">
            The cache is off. <a href="#/settings">Settings</a> turn it on: how long answers are kept.
          </p>
        ) : ttl === undefined || ttl === null ? null : (
          <p class="notice">Answers are kept for {duration(ttl)}.</p>
        )}
        <Loaded from={stats}>
          {(found) => (
            <dl class="tiles">
              <div class="tile">
                <dt>Kept answers</dt>
                <dd class="figure">{compact(found.entries)}</dd>
              </div>
              <div class="tile">
                <dt>Read so often</dt>
                <dd class="figure">{compact(found.totalHits)}</dd>
              </div>
              <div class="tile">
                <dt>Size</dt>
                <dd class="figure">{(found.sizeBytes / 1_048_576).toFixed(1)} MiB</dd>
              </div>
              <div class="tile">
                <dt>In the making</dt>
                <dd class="figure">{compact(found.inflight)}</dd>
                <dd class="more">read by {count(found.requesters)} requests</dd>
              </div>
            </dl>
          )}
        </Loaded>
      </div>
      {isAsking ? (
        <Question title="Empty the cache?" yes="Empty it" onYes={clear} onClose={() => setAsking(false)}>
          The next request of each kind is answered by Claude again.
        </Question>
      ) : null}
    </>
  );
}
