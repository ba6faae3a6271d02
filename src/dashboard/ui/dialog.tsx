import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useAction } from '../lib/resource.ts';
import { Problem } from './parts.tsx';

/** A window over the page; Escape closes it. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} aria-label={props.title} onClose={props.onClose}>
      <div class="dialog-body">
        <h2>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}

/** Asks before something is done that cannot be undone. */
export function Question(props: {
  title: string;
  yes: string;
  children: ComponentChildren;
  onYes: () => Promise<void>;
  onClose: () => void;
}) {
  const action = useAction();
  const confirm = (): void =>
    action.run(async () => {
      await props.onYes();
      props.onClose();
    });
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div>{props.children}</div>
      <Problem message={action.error} />
      <div class="actions">
        <button type="button" class="button" onClick={props.onClose}>
          Cancel
        </button>
        <button type="button" class="button danger" disabled={action.isBusy} onClick={confirm}>
          {props.yes}
        </button>
      </div>
    </Dialog>
  );
}
