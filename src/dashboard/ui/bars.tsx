/** Small bars, drawn so that no style attribute is needed. */

export function Bar(props: { share: number; tone?: 'bad' }) {
  const width = Math.max(0, Math.min(1, props.share)) * 100;
  return (
    <svg class={`bar ${props.tone ?? ''}`} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="1" />
      <rect width={width} height="1" />
    </svg>
  );
}

/** How much there was on each day. */
export function Spark(props: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...props.values);
  const step = 100 / Math.max(1, props.values.length);
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={props.label}>
      {props.values.map((value, index) => {
        const height = value === 0 ? 1 : Math.max(2, (value / most) * 24);
        return (
          <rect
            key={index}
            class={value === 0 ? 'none' : ''}
            x={index * step}
            y={24 - height}
            width={step * 0.7}
            height={height}
          />
        );
      })}
    </svg>
  );
}

/** How much of something is used, and how much of it will be. */
export function Meter(props: { share: number; ahead?: number | null; label: string }) {
  const used = Math.max(0, Math.min(1, props.share));
  const ahead = Math.max(0, Math.min(1, props.ahead ?? 0));
  const tone = used >= 0.8 ? 'bad' : used >= 0.5 ? 'warn' : '';
  return (
    <div
      class="meter"
      role="meter"
      aria-label={props.label}
      aria-valuenow={Math.round(used * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      {ahead > used ? <div class="ahead" style={{ width: `${ahead * 100}%` }} /> : null}
      <div class={`fill ${tone}`} style={{ width: `${used * 100}%` }} />
    </div>
  );
}
