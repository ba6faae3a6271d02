import { useState } from 'preact/hooks';
import { useResource } from '../../lib/resource.ts';
import type { Key } from '../../lib/types.ts';
import { Card, Empty, Loaded, PageHead } from '../../ui/parts.tsx';
import { CreateKey } from './create-key.tsx';
import { KeyRow } from './key-row.tsx';

interface Answer {
  readonly keys: readonly Key[];
}

interface Activity {
  readonly keys: readonly { readonly id: number; readonly days: readonly number[] }[];
}

/** People's keys: who has one, what they may use, and when they did. */
export function Keys() {
  const keys = useResource<Answer>('/api/keys', ['audit', 'request']);
  const activity = useResource<Activity>('/api/stats/keys', ['request']);
  const [isCreating, setCreating] = useState(false);
  const [withRevoked, setWithRevoked] = useState(false);
  const days = new Map(activity.data?.keys.map((row) => [row.id, row.days]));
  return (
    <>
      <PageHead title="Keys" about="One for each person or tool. Only a digest of a key is kept: it is shown once.">
        <label class="check">
          <input
            type="checkbox"
            checked={withRevoked}
            onChange={(event) => setWithRevoked(event.currentTarget.checked)}
          />
          Show revoked ones
        </label>
        <button type="button" class="button primary" onClick={() => setCreating(true)}>
          New key
        </button>
      </PageHead>
      <Card>
        <Loaded from={keys}>
          {(found) => {
            const shown = found.keys.filter(({ revoked }) => withRevoked || revoked === 0);
            return shown.length === 0 ? (
              <Empty title="No keys yet">Make one for each person or tool that is to use this OCP.</Empty>
            ) : (
              <div class="scroll" tabIndex={0} role="region" aria-label="Keys">
                <table class="cards-on-phone">
                  <thead>
                    <tr>
                      <th>Name</th>
                      <th>Key</th>
                      <th>Last 14 days</th>
                      <th>Last used</th>
                      <th>Limits</th>
                      <th>Expires</th>
                      <th>
                        <span class="hidden-text">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {shown.map((key) => (
                      <KeyRow key={key.id} of={key} days={days.get(key.id) ?? []} onChanged={keys.reload} />
                    ))}
                  </tbody>
                </table>
              </div>
            );
          }}
        </Loaded>
      </Card>
      {isCreating ? <CreateKey onClose={() => setCreating(false)} onChanged={keys.reload} /> : null}
    </>
  );
}
