import type { ComponentChildren } from 'preact';
import { compact, count, milliseconds, share, usd } from '../../lib/format.ts';
import type { Stats } from '../../lib/types.ts';

/** The figures of a time at a glance. */
export function Tiles({ stats }: { stats: Stats }) {
  const { totals, firstToken } = stats;
  const tokensIn = totals.inputTokens + totals.cacheReadTokens + totals.cacheWriteTokens;
  const failed = totals.requests === 0 ? null : totals.errors / totals.requests;
  return (
    <dl class="tiles">
      <Tile name="Requests" more={`${count(totals.errors)} failed${failed === null ? '' : `, ${share(failed)}`}`}>
        {compact(totals.requests)}
      </Tile>
      <Tile name="Tokens" more={`${compact(tokensIn)} in, ${compact(totals.outputTokens)} out`}>
        {compact(tokensIn + totals.outputTokens)}
      </Tile>
      <Tile name="Cost" more="at list price">
        {usd(totals.usd)}
      </Tile>
      <Tile
        name="Time to first token"
        more={`p90 ${milliseconds(firstToken.p90)}, p99 ${milliseconds(firstToken.p99)}`}
      >
        {milliseconds(firstToken.p50)}
      </Tile>
      <Tile name="From prompt cache" more="of tokens that went in">
        {share(stats.promptCacheShare)}
      </Tile>
      <Tile name="From response cache" more={`${count(totals.cached)} answers`}>
        {share(stats.cacheHitRate)}
      </Tile>
    </dl>
  );
}

function Tile(props: { name: string; more: string; children: ComponentChildren }) {
  return (
    <div class="tile">
      <dt>{props.name}</dt>
      <dd class="figure">{props.children}</dd>
      <dd class="more">{props.more}</dd>
    </div>
  );
}
