import { duration, share, when, windowName } from '../../lib/format.ts';
import { serverNow, status } from '../../lib/live.ts';
import { useNow } from '../../lib/resource.ts';
import type { PlanState, PlanWindow } from '../../lib/types.ts';
import { Meter } from '../../ui/bars.tsx';
import { Card, Empty } from '../../ui/parts.tsx';

/** How much of each login's plan is used, when it resets, and where it leads. */
export function PlanWindows() {
  const plans = status.value?.plans ?? [];
  const now = useNow(15_000, serverNow);
  if (status.value === undefined) return null;
  if (plans.every(({ windows }) => windows.length === 0)) {
    return (
      <Card title="Plan">
        <Empty title="Nothing known of a plan yet">
          The Claude CLI tells of it with the first answer. An API key has none.
        </Empty>
      </Card>
    );
  }
  return (
    <>
      {plans.map((plan) => (
        <Plan key={plan.profile} plan={plan} now={now} isNamed={plans.length > 1} />
      ))}
    </>
  );
}

function Plan({ plan, now, isNamed }: { plan: PlanState; now: number; isNamed: boolean }) {
  const heard = <span class="small muted">as of {when(plan.heardAt, now)}</span>;
  return (
    <Card title={isNamed ? `Plan of ${plan.profile}` : 'Plan'} side={heard}>
      {plan.status === 'rejected' ? <p class="notice warn">A limit is reached; requests wait for its reset.</p> : null}
      <div class="plan-windows">
        {plan.windows.map((window) => (
          <div key={window.name}>
            <div class="between">
              <span class="muted">{windowName(window.name)}</span>
              <strong>{share(window.utilization)}</strong>
            </div>
            <Meter
              share={window.utilization ?? 0}
              ahead={window.atReset}
              label={`${windowName(window.name)}, used share of the plan`}
            />
            <p class="small muted">
              {window.resetsAt === null
                ? 'not begun'
                : `resets in ${duration(window.resetsAt - now)}, ${when(window.resetsAt, now)}`}
            </p>
            <p class={window.runsOutAt === null ? 'small muted' : 'small warn'}>{forecast(window, now)}</p>
          </div>
        ))}
      </div>
    </Card>
  );
}

function forecast({ runsOutAt, atReset, utilization }: PlanWindow, now: number): string {
  if (utilization !== null && utilization >= 1) return 'used up';
  if (runsOutAt !== null) return `at this pace used up in ${duration(runsOutAt - now)}, ${when(runsOutAt, now)}`;
  return atReset === null ? 'too early for a forecast' : `at this pace ${share(atReset)} at the reset`;
}
