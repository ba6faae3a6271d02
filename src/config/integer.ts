import { durationText, parseDuration } from './duration.ts';
import type { VariableDefinition } from './variables.ts';

/** A whole number with a range, which may be a time. */
export type IntegerDefinition = Pick<Extract<VariableDefinition, { kind: 'integer' }>, 'kind' | 'min' | 'max' | 'unit'>;

/** ms in the units that are times. */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, days: 86_400_000 };

/** The number that a text stands for, in the unit of its definition, whatever its range; undefined for text that is none. */
export function integerOf({ unit }: Pick<IntegerDefinition, 'unit'>, text: string): number | undefined {
  if (/^\d{1,15}$/u.test(text)) return Number(text);
  const ms = unitMs[unit ?? ''];
  const duration = ms === undefined ? undefined : parseDuration(text);
  if (ms === undefined || duration === undefined) return undefined;
  return Number.isSafeInteger(duration / ms) ? duration / ms : undefined;
}

export function isInRange({ min, max }: Pick<IntegerDefinition, 'min' | 'max'>, value: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

/** What values there are, for people: `a whole number from 1 to 512`. */
export function integerRange(definition: IntegerDefinition): string {
  const { min, max, unit } = definition;
  const plain = `a whole number from ${min} to ${max}${unit === undefined ? '' : ` ${unit}`}`;
  return isTime(definition)
    ? `${plain}, or a time from ${asTime(definition, min)} to ${asTime(definition, max)}`
    : plain;
}

/** Whether it may be written as a duration. */
export function isTime({ unit }: Pick<IntegerDefinition, 'unit'>): boolean {
  return Object.hasOwn(unitMs, unit ?? '');
}

/** A value of it as people write it: a time with its units, any other number as it is. */
export function integerText(definition: Pick<IntegerDefinition, 'unit'>, value: number): string {
  return isTime(definition) ? asTime(definition, value) : String(value);
}

function asTime({ unit }: Pick<IntegerDefinition, 'unit'>, value: number): string {
  return durationText(value * (unitMs[unit ?? ''] ?? 1));
}
