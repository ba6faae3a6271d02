import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { dayOf, fullTime, hourOf } from '../lib/format.ts';

export interface Series {
  readonly label: string;
  /** The colour: `--series-1` and so on. */
  readonly swatch: 1 | 2 | 3 | 4;
  readonly values: readonly number[];
}

interface ChartProps {
  /** Says in a sentence what there is to see. */
  readonly label: string;
  /** Begin of each part of the time, Unix ms. */
  readonly at: readonly number[];
  /** End of the last part, Unix ms. */
  readonly to: number;
  readonly by: 'hour' | 'day';
  /** On top of each other, the first at the bottom. */
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly isTall?: boolean;
}

/** How much there was of what, over time, as stacked bars in the browser's time zone. */
export function Chart(props: ChartProps) {
  const { label, at, by, series, format, isTall } = props;
  const element = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const scheme = useScheme();
  useEffect(() => {
    const host = element.current;
    if (host === null) return undefined;
    const plot = new uPlot(optionsOf(props, host, setHovered), stacked(props), host);
    const watch = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: host.clientHeight }));
    watch.observe(host);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [at, series, by, scheme]);
  const time = hovered === null ? undefined : at[hovered];
  return (
    <figure>
      <div ref={element} class={isTall === true ? 'chart tall' : 'chart'} role="img" aria-label={label} />
      <figcaption class="legend">
        {series.map(({ label: name, swatch, values }) => (
          <span key={name}>
            <i class={`swatch-${swatch}`} />
            {name}{' '}
            <b>{format(hovered === null ? values.reduce((sum, value) => sum + value, 0) : (values[hovered] ?? 0))}</b>
          </span>
        ))}
        <span>{time === undefined ? 'in all' : by === 'day' ? dayOf(time) : fullTime(time)}</span>
      </figcaption>
    </figure>
  );
}

/** The highest first, so that what is lower is drawn over it. */
function stacked({ at, series }: ChartProps): uPlot.AlignedData {
  const sums: number[][] = [];
  let below: readonly number[] = at.map(() => 0);
  for (const { values } of series) {
    const next = values.map((value, index) => value + (below[index] ?? 0));
    sums.unshift(next);
    below = next;
  }
  return [at.map((time) => time / 1000), ...sums];
}

function optionsOf(
  { to, by, series, format }: ChartProps,
  host: HTMLElement,
  onHover: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const font = `12px ${colour('--sans')}`;
  const bars = uPlot.paths.bars?.({ size: [0.74, 46], align: 1, radius: 0.12 });
  const axis = { stroke: colour('--muted'), font, ticks: { show: false }, gap: 6 };
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    legend: { show: false },
    padding: [12, 4, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_plot, min) => [min, to / 1000] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        size: 30,
        values: (_plot, splits) => splits.map((split) => timeLabel(split, by)),
      },
      {
        ...axis,
        size: 58,
        space: 42,
        grid: { stroke: colour('--line'), width: 1 },
        values: (_plot, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...series.toReversed().map(({ label, swatch }) => ({
        label,
        fill: colour(`--series-${swatch}`),
        width: 0,
        points: { show: false },
        ...(bars === undefined ? {} : { paths: bars }),
      })),
    ],
    hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
  };
}

function timeLabel(seconds: number, by: 'hour' | 'day'): string {
  const time = new Date(seconds * 1000);
  return by === 'day' || (time.getHours() === 0 && time.getMinutes() === 0)
    ? dayOf(time.getTime())
    : hourOf(time.getTime());
}

/** Whether the system is dark; colours are painted, so they have to be painted anew. */
function useScheme(): boolean {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const listener = (): void => setDark(query.matches);
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  }, []);
  return isDark;
}
