import type { WireObject } from '../json.ts';
import { numberOr } from './check.ts';
import { sampleFormat } from './formats.ts';
import { samplePattern } from './pattern.ts';

/** Texts that may satisfy a string schema, the likeliest first; a different first one for each variant. */
export function stringCandidates(
  schema: WireObject,
  name: string,
  variant: number,
  hint: string | undefined,
): readonly string[] {
  const { format, pattern } = schema;
  const plain = variant === 0 ? (hint ?? `example ${name}`) : `example ${name} ${variant}`;
  const base = typeof format === 'string' ? (sampleFormat(format, variant) ?? plain) : plain;
  const fitted = fitLength(base, numberOr(schema['minLength'], 0), numberOr(schema['maxLength'], Infinity), variant);
  return typeof pattern === 'string' ? [base, fitted, ...samplePattern(pattern, variant)] : [base, fitted];
}

/** Numbers that may satisfy a number schema. */
export function numberCandidates(schema: WireObject, variant: number, integer: boolean): readonly number[] {
  const step = numberOr(schema['multipleOf'], 1);
  const low = Math.max(numberOr(schema['minimum'], -Infinity), numberOr(schema['exclusiveMinimum'], -Infinity));
  const high = Math.min(numberOr(schema['maximum'], Infinity), numberOr(schema['exclusiveMaximum'], Infinity));
  const start = low > -Infinity ? Math.ceil(low / step) * step : Math.min(step, Math.floor(high / step) * step);
  const upwards = [0, 1, 2, 3].map((more) => start + step * (variant + more));
  const downwards = [0, 1].map((less) => Math.floor(high / step) * step - step * (variant + less));
  const between = low > -Infinity && high < Infinity ? [low + (high - low) / (variant + 2), low, high] : [low, high];
  return [...upwards, ...downwards, ...(integer ? [] : between)].filter(Number.isFinite).map(exact);
}

/** Cuts or fills by code points; a short text keeps its variant at the end so that variants stay different. */
function fitLength(text: string, least: number, most: number, variant: number): string {
  const points = Array.from(text);
  if (points.length < least) return text + 'x'.repeat(least - points.length);
  if (points.length <= most) return text;
  const mark = variant === 0 ? '' : variant.toString(36);
  return (points.slice(0, Math.max(0, most - mark.length)).join('') + mark).slice(0, most === 0 ? 0 : undefined);
}

/** 0.1 * 3 is written 0.3, since the reader of the JSON will divide it by 0.1 again. */
function exact(value: number): number {
  return Number(value.toPrecision(15));
}
