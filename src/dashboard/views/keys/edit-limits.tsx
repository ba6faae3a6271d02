import { useState } from 'preact/hooks';
import { ask } from '../../lib/api.ts';
import { useAction } from '../../lib/resource.ts';
import type { Key } from '../../lib/types.ts';
import { Problem } from '../../ui/parts.tsx';
import { bodyOf, draftOf, LimitFields } from './key-form.tsx';

/** Changes what a key may use, beneath its row; it counts at once. */
export function EditLimits(props: { of: Key; onClose: () => void; onChanged: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(props.of));
  const action = useAction();
  const submit = (event: Event): void => {
    event.preventDefault();
    action.run(async () => {
      const { limits } = bodyOf(draft);
      await ask(`/api/keys/${props.of.id}`, 'PATCH', { limits });
      props.onChanged();
      props.onClose();
    });
  };
  return (
    <form class="limits-form" onSubmit={submit} aria-label={`Limits of ${props.of.name}`}>
      <LimitFields draft={draft} onChange={setDraft} />
      <Problem message={action.error} />
      <div class="actions">
        <button type="button" class="button" onClick={props.onClose}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={action.isBusy}>
          Save limits
        </button>
      </div>
    </form>
  );
}
