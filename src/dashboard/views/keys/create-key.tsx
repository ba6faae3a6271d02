import { useState } from 'preact/hooks';
import { ask } from '../../lib/api.ts';
import { useAction } from '../../lib/resource.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FormActions } from '../../ui/form-actions.tsx';
import { bodyOf, draftOf, KeyFields } from './key-form.tsx';
import type { NewKey } from './new-key.tsx';
import { ShownOnce } from './new-key.tsx';

/** Makes a key and shows it, this once. */
export function CreateKey(props: { onClose: () => void; onChanged: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(undefined));
  const [made, setMade] = useState<NewKey | undefined>(undefined);
  const action = useAction();
  const submit = (event: Event): void => {
    event.preventDefault();
    action.run(async () => {
      setMade(await ask<NewKey>('/api/keys', 'POST', bodyOf(draft)));
      props.onChanged();
    });
  };
  return (
    <Dialog title={made === undefined ? 'New key' : `The key of ${made.name}`} onClose={props.onClose}>
      {made === undefined ? (
        <form class="dialog-body" onSubmit={submit}>
          <KeyFields draft={draft} onChange={setDraft} />
          <FormActions action={action} submit="Create" onCancel={props.onClose} />
        </form>
      ) : (
        <ShownOnce made={made} onClose={props.onClose} />
      )}
    </Dialog>
  );
}
