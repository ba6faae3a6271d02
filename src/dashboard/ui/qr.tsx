import { encode } from 'uqr';

/** A text as a QR code, for the camera of a phone or another machine. */
export function Qr(props: { text: string; label: string }) {
  const { data, size } = encode(props.text, { ecc: 'M', border: 0 });
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={props.label} shape-rendering="crispEdges">
      <path d={path} fill="#000" />
    </svg>
  );
}
