import { useState } from 'preact/hooks';
import { ask } from '../../lib/api.ts';
import { useAction } from '../../lib/resource.ts';
import type { Key } from '../../lib/types.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FormActions } from '../../ui/form-actions.tsx';
import { bodyOf, draftOf, KeyFields } from './key-form.tsx';

/** Changes a key and its limits, which count at once. */
export function EditKey(props: { of: Key; onClose: () => void; onChanged: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(props.of));
  const action = useAction();
  const submit = (event: Event): void => {
    event.preventDefault();
    action.run(async () => {
      await ask(`/api/keys/${props.of.id}`, 'PATCH', bodyOf(draft));
      props.onChanged();
      props.onClose();
    });
  };
  return (
    <Dialog title={`Edit ${props.of.name}`} onClose={props.onClose}>
      <form class="dialog-body" onSubmit={submit}>
        <KeyFields draft={draft} onChange={setDraft} />
        <label class="check">
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => setDraft({ ...draft, enabled: event.currentTarget.checked })}
          />
          The key works
        </label>
        <FormActions action={action} submit="Save" onCancel={props.onClose} />
      </form>
    </Dialog>
  );
}
