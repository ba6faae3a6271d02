import { useEffect, useRef, useState } from 'preact/hooks';
import { clockTime } from '../lib/format.ts';
import { listen } from '../lib/live.ts';
import { useResource } from '../lib/resource.ts';
import { Card, Empty, Loaded, PageHead, Segments } from '../ui/parts.tsx';

type Entry = Readonly<Record<string, unknown>>;

interface Answer {
  readonly entries: readonly Entry[];
}

/** Lines that are shown at most. */
const MOST = 500;
const levels = [
  ['all', 'All'],
  ['warn', 'Warnings'],
  ['error', 'Errors'],
] as const;

/** The server's log, as it is written. */
export function Logs() {
  const [level, setLevel] = useState<(typeof levels)[number][0]>('all');
  const [isFollowing, setFollowing] = useState(true);
  const first = useResource<Answer>(`/logs?n=200&level=${level}`);
  const [later, setLater] = useState<readonly Entry[]>([]);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    setLater([]);
    return listen((name, data) => {
      if (name !== 'log') return;
      const entry = data as Entry;
      if (level === 'all' || entry['level'] === level) setLater((before) => [...before, entry].slice(-MOST));
    });
  }, [level]);
  const lines = joined(first.data?.entries ?? [], later).slice(-MOST);
  useEffect(() => {
    if (isFollowing && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [lines.length, isFollowing, later]);
  return (
    <>
      <PageHead title="Logs" about="Outcomes, counts and times; never what was said, and no keys.">
        <Segments label="Level" value={level} choices={levels} onChange={setLevel} />
        <label class="check">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />
          Follow
        </label>
      </PageHead>
      <Card>
        <Loaded from={first}>
          {() =>
            lines.length === 0 ? (
              <Empty title="No lines of this level" />
            ) : (
              <ul class="log" ref={list} tabIndex={0} aria-label="Log">
                {lines.map((entry, index) => (
                  <Line key={index} entry={entry} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
    </>
  );
}

function Line({ entry }: { entry: Entry }) {
  const { ts, level, event, raw, ...fields } = entry as Entry & {
    ts?: unknown;
    level?: unknown;
    event?: unknown;
    raw?: unknown;
  };
  const tone = level === 'error' || level === 'fatal' ? 'bad' : level === 'warn' ? 'warn' : 'muted';
  return (
    <li>
      <time class="muted">{typeof ts === 'string' ? clockTime(Date.parse(ts)) : ''}</time>
      <span class={tone}>{text(level)}</span>
      <span class="fields">
        <b>{text(event ?? raw)}</b>{' '}
        {Object.entries(fields)
          .map(([name, value]) => `${name}=${text(value)}`)
          .join(' ')}
      </span>
    </li>
  );
}

function text(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A line that was written while the others were fetched can have come both ways. */
function joined(fetched: readonly Entry[], later: readonly Entry[]): readonly Entry[] {
  const known = new Set(fetched.map((entry) => JSON.stringify(entry)));
  return [...fetched, ...later.filter((entry) => !known.has(JSON.stringify(entry)))];
}
