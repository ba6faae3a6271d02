import { useState } from 'preact/hooks';
import { ask } from '../../lib/api.ts';
import { useAction } from '../../lib/resource.ts';
import type { Key } from '../../lib/types.ts';
import { FormActions } from '../../ui/form-actions.tsx';
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
      <FormActions action={action} submit="Save limits" onCancel={props.onClose} />
    </form>
  );
}
