import { useState } from 'preact/hooks';
import { ask } from '../../lib/api.ts';
import { ago, compact, count, dayOf, usd } from '../../lib/format.ts';
import { serverNow } from '../../lib/live.ts';
import { useNow } from '../../lib/resource.ts';
import type { Key, Limits } from '../../lib/types.ts';
import { Spark } from '../../ui/bars.tsx';
import { Question } from '../../ui/dialog.tsx';
import { EditKey } from './edit-key.tsx';
import { EditLimits } from './edit-limits.tsx';
import { RotateKey } from './rotate-key.tsx';

type Open = 'edit' | 'limits' | 'rotate' | 'revoke' | undefined;

export function KeyRow({ of: key, days, onChanged }: { of: Key; days: readonly number[]; onChanged: () => void }) {
  const [open, setOpen] = useState<Open>(undefined);
  const now = useNow(10_000, serverNow);
  const close = (): void => setOpen(undefined);
  const total = days.reduce((sum, value) => sum + value, 0);
  const revoke = async (): Promise<void> => {
    await ask(`/api/keys/${key.id}`, 'DELETE');
    onChanged();
  };
  return (
    <>
      <tr>
        <td data-label="Name">
          <span class="row">
            <b class="cut" title={key.note === '' ? key.name : `${key.name}: ${key.note}`}>
              {key.name}
            </b>
            <State of={key} now={now} />
          </span>
        </td>
        <td class="mono muted nowrap" data-label="Key">
          {key.keyPreview}
        </td>
        <td data-label="Last 14 days">
          <Spark values={days} label={`${count(total)} requests in 14 days`} />
        </td>
        <td class="nowrap" data-label="Last used">
          {key.lastUsedAt === null ? <span class="muted">never</span> : ago(Date.parse(key.lastUsedAt), now)}
        </td>
        <td class="small" data-label="Limits">
          {key.revoked === 1 ? (
            limitsText(key.limits)
          ) : (
            <button
              type="button"
              class="in-place"
              aria-expanded={open === 'limits'}
              aria-label={`Limits of ${key.name}: ${limitsText(key.limits)}. Change them`}
              onClick={() => setOpen(open === 'limits' ? undefined : 'limits')}
            >
              {limitsText(key.limits)}
            </button>
          )}
        </td>
        <td class="nowrap" data-label="Expires">
          {key.expiresAt === null ? <span class="muted">never</span> : dayOf(Date.parse(key.expiresAt))}
        </td>
        <td data-label="">
          {key.revoked === 1 ? null : (
            <span class="row">
              <button type="button" class="button" onClick={() => setOpen('edit')} aria-label={`Edit ${key.name}`}>
                Edit
              </button>
              <button type="button" class="button" onClick={() => setOpen('rotate')} aria-label={`Rotate ${key.name}`}>
                Rotate
              </button>
              <button
                type="button"
                class="button danger"
                onClick={() => setOpen('revoke')}
                aria-label={`Revoke ${key.name}`}
              >
                Revoke
              </button>
            </span>
          )}
          {open === 'edit' ? <EditKey of={key} onClose={close} onChanged={onChanged} /> : null}
          {open === 'rotate' ? <RotateKey of={key} onClose={close} onChanged={onChanged} /> : null}
          {open === 'revoke' ? (
            <Question title={`Revoke ${key.name}?`} yes="Revoke" onYes={revoke} onClose={close}>
              The key stops working at once and for good, and what it runs is ended. Its usage stays.
            </Question>
          ) : null}
        </td>
      </tr>
      {open === 'limits' ? (
        <tr>
          <td colSpan={7} data-label="">
            <EditLimits of={key} onClose={close} onChanged={onChanged} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function State({ of: key, now }: { of: Key; now: number }) {
  if (key.revoked === 1) return <span class="tag bad">revoked</span>;
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return <span class="tag bad">expired</span>;
  return (
    <>
      {key.enabled ? null : <span class="tag warn">off</span>}
      {key.profile === 'default' ? null : (
        <span class={key.profileRemoved ? 'tag warn' : 'tag'}>
          {key.profile}
          {key.profileRemoved ? ' (removed)' : ''}
        </span>
      )}
      {key.serverTools ? <span class="tag warn">server tools</span> : null}
    </>
  );
}

function limitsText(limits: Limits): string {
  const windows = [
    ['daily', 'a day'],
    ['weekly', 'a week'],
    ['monthly', 'a month'],
  ] as const;
  const parts = windows.flatMap(([window, name]) => {
    const { requests, tokens, usd: money } = limits;
    return [
      requests[window] === null ? '' : `${compact(requests[window])} requests ${name}`,
      tokens[window] === null ? '' : `${compact(tokens[window])} tokens ${name}`,
      money[window] === null ? '' : `${usd(money[window])} ${name}`,
    ];
  });
  const all = [
    ...parts,
    limits.requestsPerMinute === null ? '' : `${limits.requestsPerMinute} a minute`,
    limits.concurrentTurns === null ? '' : `${limits.concurrentTurns} at once`,
  ].filter((part) => part !== '');
  return all.length === 0 ? 'none' : all.join(', ');
}
