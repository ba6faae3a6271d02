import type { Action } from '../lib/resource.ts';
import { Problem } from './parts.tsx';

/** The end of a form: what went wrong, the way back, and the button that sends it. */
export function FormActions(props: { action: Pick<Action, 'error' | 'isBusy'>; submit: string; onCancel: () => void }) {
  return (
    <>
      <Problem message={props.action.error} />
      <div class="actions">
        <button type="button" class="button" onClick={props.onCancel}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={props.action.isBusy}>
          {props.submit}
        </button>
      </div>
    </>
  );
}
