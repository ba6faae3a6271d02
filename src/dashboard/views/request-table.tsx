import { useRef, useState } from 'preact/hooks';
import { ask, messageOf } from '../lib/api.ts';
import { cause, compact, fullTime, milliseconds, modelName, shortTime, surfaceName, usd } from '../lib/format.ts';
import { serverNow } from '../lib/live.ts';
import { useResource } from '../lib/resource.ts';
import type { Requests } from '../lib/types.ts';
import { Empty, Loaded, Problem } from '../ui/parts.tsx';

type Row = Requests['requests'][number];

/** Single requests, newest first; older ones come on demand. The newest page is asked for again as requests end. */
export function RequestTable(props: { path: string; isOwn?: boolean }) {
  return <Rows key={props.path} {...props} />;
}

function Rows({ path, isOwn }: { path: string; isOwn?: boolean }) {
  const newest = useResource<Requests>(path, ['request']);
  const [older, setOlder] = useState<{ next: string | null } | undefined>(undefined);
  /** Every row so far: those that newer ones push off the first page stay. Rows are not always numbered in order of time. */
  const seen = useRef(new Map<number, Row>());
  const [error, setError] = useState<string | undefined>(undefined);
  return (
    <Loaded from={newest}>
      {({ requests, next }) => {
        for (const row of requests) seen.current.set(row.id, row);
        const rows = [...seen.current.values()].toSorted((a, b) => b.at - a.at || b.id - a.id);
        const place = older === undefined ? next : older.next;
        const more = async (): Promise<void> => {
          try {
            const page = await ask<Requests>(`${path}&before=${place}`);
            for (const row of page.requests) seen.current.set(row.id, row);
            setOlder({ next: page.next });
            setError(undefined);
          } catch (problem) {
            setError(messageOf(problem));
          }
        };
        if (rows.length === 0) {
          return <Empty title="No requests here">With other filters, or a little later, there may be some.</Empty>;
        }
        return (
          <>
            <div class="scroll" tabIndex={0} role="region" aria-label="Requests, scrolls sideways">
              <table class="cards-on-phone">
                <thead>
                  <tr>
                    <th>Time</th>
                    {isOwn === true ? null : <th>Key</th>}
                    <th>Model</th>
                    <th>By way of</th>
                    <th>Outcome</th>
                    <th class="number">Tokens in</th>
                    <th class="number">out</th>
                    <th class="number">Cost</th>
                    <th class="number">First token</th>
                    <th class="number">Whole</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <Line key={row.id} row={row} isOwn={isOwn === true} />
                  ))}
                </tbody>
              </table>
            </div>
            <Problem message={error} />
            {place === null ? null : (
              <p>
                <br />
                <button type="button" class="button" onClick={() => void more()}>
                  Show older ones
                </button>
              </p>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Line({ row, isOwn }: { row: Row; isOwn: boolean }) {
  const tokensIn = row.input_tokens + row.cache_read_tokens + row.cache_write_tokens;
  return (
    <tr>
      <td class="nowrap" data-label="Time" title={fullTime(row.at)}>
        {shortTime(row.at, serverNow())}
      </td>
      {isOwn ? null : (
        <td class="cut" data-label="Key" title={row.key_name}>
          {row.key_name}
        </td>
      )}
      <td class="cut" data-label="Model" title={row.model}>
        {modelName(row.model_answered ?? row.model) || 'none named'}
      </td>
      <td class="nowrap muted" data-label="By way of">
        {surfaceName(row.surface)}, {row.client}
      </td>
      <td data-label="Outcome">
        {row.outcome === 'ok' ? (
          <span class="tag good">{row.source === 'hit' || row.source === 'joined' ? 'from cache' : 'answered'}</span>
        ) : (
          <span class="tag bad">{cause(row.outcome)}</span>
        )}
      </td>
      <td class="number" data-label="Tokens in" title={`${row.cache_read_tokens} from the prompt cache`}>
        {compact(tokensIn)}
      </td>
      <td class="number" data-label="Tokens out">
        {compact(row.output_tokens)}
      </td>
      <td class="number" data-label="Cost">
        {usd(row.usd)}
      </td>
      <td class="number" data-label="First token">
        {milliseconds(row.first_token_ms)}
      </td>
      <td class="number" data-label="Whole">
        {milliseconds(row.elapsed_ms)}
      </td>
    </tr>
  );
}
