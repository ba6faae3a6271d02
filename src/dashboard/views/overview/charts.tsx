import { useMemo } from 'preact/hooks';
import { compact, count, usd } from '../../lib/format.ts';
import type { Amounts, Stats } from '../../lib/types.ts';
import type { Series } from '../../ui/chart.tsx';
import { Chart } from '../../ui/chart.tsx';
import { Card } from '../../ui/parts.tsx';

/** Requests, tokens and cost over time. */
export function Charts({ stats, isOwn }: { stats: Stats; isOwn?: boolean }) {
  const { by, to } = stats;
  const shown = useMemo(() => {
    const at = stats.points.map((point) => point.at);
    const series = (label: string, swatch: Series['swatch'], read: (point: Amounts) => number): Series => ({
      label,
      swatch,
      values: stats.points.map(read),
    });
    return {
      at,
      requests: [
        series('answered', 1, ({ requests, errors }) => requests - errors),
        series('failed', 4, ({ errors }) => errors),
      ],
      tokens: [
        series('out', 2, ({ outputTokens }) => outputTokens),
        series('in', 1, ({ inputTokens, cacheWriteTokens }) => inputTokens + cacheWriteTokens),
        series('in, from cache', 3, ({ cacheReadTokens }) => cacheReadTokens),
      ],
      usd: [series('USD', 1, (point) => point.usd)],
    };
  }, [stats]);
  const time = { at: shown.at, by, to };
  const per = by === 'day' ? 'per day' : 'per hour';
  const side = <span class="small muted">{per}</span>;
  const { totals } = stats;
  return (
    <>
      <Card title={isOwn === true ? 'Your requests' : 'Requests'} side={side}>
        <Chart
          {...time}
          isTall
          series={shown.requests}
          format={compact}
          label={`Requests ${per}: ${count(totals.requests)} in all, ${count(totals.errors)} of them failed`}
        />
      </Card>
      <div class="columns">
        <Card title="Tokens" side={side}>
          <Chart
            {...time}
            series={shown.tokens}
            format={compact}
            label={`Tokens ${per}: ${count(totals.outputTokens)} out in all`}
          />
        </Card>
        <Card title="Cost" side={side}>
          <Chart {...time} series={shown.usd} format={usd} label={`Cost ${per}: ${usd(totals.usd)} in all`} />
        </Card>
      </div>
    </>
  );
}
