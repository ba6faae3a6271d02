import { Copyable } from '../../ui/copy.tsx';
import { Qr } from '../../ui/qr.tsx';

export interface NewKey {
  readonly id: number;
  readonly key: string;
  readonly name: string;
}

/** A new key, and how another machine is connected with it. */
export function ShownOnce({ made, onClose }: { made: NewKey; onClose: () => void }) {
  const command = `curl -fsSL ${location.origin}/connect | sh -s -- --key ${made.key}`;
  return (
    <>
      <p class="notice warn">Copy it now: it cannot be shown again.</p>
      <Copyable text={made.key} label="the key" />
      <p class="muted small">On the machine that is to use it, this sets up the tools that are there:</p>
      <Copyable text={command} label="the command" />
      <Qr text={command} label="The command that connects a machine, as a QR code" />
      <div class="actions">
        <button type="button" class="button primary" onClick={onClose}>
          Done
        </button>
      </div>
    </>
  );
}
