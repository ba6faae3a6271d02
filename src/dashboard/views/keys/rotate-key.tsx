import { useState } from 'preact/hooks';
import { ask } from '../../lib/api.ts';
import { useAction } from '../../lib/resource.ts';
import type { Key } from '../../lib/types.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FormActions } from '../../ui/form-actions.tsx';
import type { NewKey } from './new-key.tsx';
import { ShownOnce } from './new-key.tsx';

const HOUR_MS = 3_600_000;
const overlaps = [
  [0, 'at once'],
  [HOUR_MS, 'in an hour'],
  [24 * HOUR_MS, 'in a day'],
  [7 * 24 * HOUR_MS, 'in a week'],
] as const;

/** Gives a key a new text. */
export function RotateKey(props: { of: Key; onClose: () => void; onChanged: () => void }) {
  const [overlapMs, setOverlapMs] = useState<number>(0);
  const [made, setMade] = useState<NewKey | undefined>(undefined);
  const action = useAction();
  const rotate = (event: Event): void => {
    event.preventDefault();
    action.run(async () => {
      setMade(await ask<NewKey>(`/api/keys/${props.of.id}/rotate`, 'POST', { overlapMs }));
      props.onChanged();
    });
  };
  return (
    <Dialog title={`Rotate ${props.of.name}`} onClose={props.onClose}>
      {made === undefined ? (
        <form class="dialog-body" onSubmit={rotate}>
          <p>The key gets a new text. Its name, limits and usage stay.</p>
          <label class="field">
            <span>The old text stops working</span>
            <select
              class="input"
              value={overlapMs}
              onChange={(event) => setOverlapMs(Number(event.currentTarget.value))}
            >
              {overlaps.map(([ms, text]) => (
                <option key={ms} value={ms}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <FormActions action={action} submit="Rotate" onCancel={props.onClose} />
        </form>
      ) : (
        <ShownOnce made={made} onClose={props.onClose} />
      )}
    </Dialog>
  );
}
