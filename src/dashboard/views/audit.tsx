import { useEffect, useState } from 'preact/hooks';
import { ask, messageOf } from '../lib/api.ts';
import { fullTime } from '../lib/format.ts';
import { useAction, useResource } from '../lib/resource.ts';
import { Card, Empty, Loaded, PageHead, Problem } from '../ui/parts.tsx';

interface Entry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly address: string | null;
}

interface Page {
  readonly entries: readonly Entry[];
  readonly next: number | null;
}

interface Check {
  readonly ok: boolean;
  readonly entries: number;
  readonly brokenAt: number | null;
}

/** Who administered what, from where. */
export function Audit() {
  const newest = useResource<Page>('/api/audit?limit=50', ['audit']);
  const [older, setOlder] = useState<Page | undefined>(undefined);
  const [check, setCheck] = useState<Check | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const verifying = useAction();
  useEffect(() => setCheck(undefined), [newest.data]);
  const verify = (): void => verifying.run(async () => setCheck(await ask<Check>('/api/audit/verify')));
  return (
    <>
      <PageHead title="Audit" about="What was administered. Each entry's hash covers the one before.">
        <button type="button" class="button" disabled={verifying.isBusy} onClick={verify}>
          Check the chain
        </button>
      </PageHead>
      <div class="stack">
        <Problem message={verifying.error ?? error} />
        {check === undefined ? null : (
          <p class={check.ok ? 'notice' : 'notice bad'} role="status">
            {check.ok
              ? `All ${check.entries} entries are as they were written.`
              : `Entry ${check.brokenAt} is not as it was written.`}
          </p>
        )}
        <Card>
          <Loaded from={newest}>
            {({ entries, next }) => {
              const oldest = entries.at(-1)?.id ?? 0;
              const rows = [...entries, ...(older?.entries ?? []).filter(({ id }) => id < oldest)];
              const place = older === undefined ? next : older.next;
              const more = async (): Promise<void> => {
                try {
                  const page = await ask<Page>(`/api/audit?limit=50&before=${place}`);
                  setOlder({ entries: [...(older?.entries ?? []), ...page.entries], next: page.next });
                } catch (problem) {
                  setError(messageOf(problem));
                }
              };
              if (rows.length === 0) return <Empty title="Nothing was administered yet" />;
              return (
                <>
                  <div class="scroll" tabIndex={0} role="region" aria-label="Audit log">
                    <table class="cards-on-phone">
                      <thead>
                        <tr>
                          <th>Time</th>
                          <th>Who</th>
                          <th>What</th>
                          <th>Change</th>
                          <th>From</th>
                        </tr>
                      </thead>
                      <tbody>
                        {rows.map((entry) => (
                          <tr key={entry.id}>
                            <td class="nowrap" data-label="Time">
                              {fullTime(Date.parse(entry.at))}
                            </td>
                            <td class="nowrap" data-label="Who">
                              {entry.actor}
                            </td>
                            <td data-label="What">
                              {entry.action.replace('.', ' ')} <span class="muted">{entry.target}</span>
                            </td>
                            <td class="wrap mono muted" data-label="Change">
                              {changeOf(entry)}
                            </td>
                            <td class="mono muted" data-label="From">
                              {entry.address}
                            </td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                  {place === null ? null : (
                    <button type="button" class="button" onClick={() => void more()}>
                      Show older ones
                    </button>
                  )}
                </>
              );
            }}
          </Loaded>
        </Card>
      </div>
    </>
  );
}

function changeOf({ before, after }: Entry): string {
  if (before === null && after === null) return '';
  const text = (value: unknown): string => JSON.stringify(value)?.replaceAll('"', '').slice(1, -1) ?? '';
  if (before === null) return shortened(text(after));
  return `${shortened(text(before))} → ${shortened(text(after))}`;
}

function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)} …` : text;
}
