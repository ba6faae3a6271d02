import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Counter, expose, Histogram, Reading } from '../../../src/http/metrics/registry.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

/** Reads Prometheus' text format as its documentation describes it; throws at a line that is none of it. */
function parse(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/u.exec(line);
      assert.ok(match !== null, `not a sample: ${line}`);
      const [, name = '', labels = '', value = ''] = match;
      const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"/gu)].map(
        ([, label = '', escaped = '']) =>
          [
            label,
            escaped.replaceAll(/\\(.)/gu, (_, character) => (character === 'n' ? '\n' : String(character))),
          ] as const,
      );
      return { name, labels: Object.fromEntries(pairs), value };
    });
}

const hostile = fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'n', '{', '}', ',', '=', ' ', 'ü') });

test('any label survives the exposition, and breaks no other line', () => {
  fc.assert(
    fc.property(hostile, hostile, (client, model) => {
      const counter = new Counter('ocp_requests_total', `Requests of "${client}"`);
      counter.add({ client, model }, 3);
      const reading = new Reading('ocp_workers', 'Workers', () => [[{ state: model }, 2]]);
      assert.deepEqual(parse(expose([counter, reading])), [
        { name: 'ocp_requests_total', labels: { client, model }, value: '3' },
        { name: 'ocp_workers', labels: { state: model }, value: '2' },
      ]);
    }),
  );
});

test('a histogram counts each value in every bucket that holds it', () => {
  const histogram = new Histogram('ocp_seconds', 'Seconds', [1, 2]);
  for (const value of [1, 1.5, 2, 9]) histogram.observe({ model: 'm' }, value);
  const samples = parse(expose([histogram])).map(({ name, labels, value }) => [name, labels['le'], value]);
  assert.deepEqual(samples, [
    ['ocp_seconds_bucket', '1', '1'],
    ['ocp_seconds_bucket', '2', '3'],
    ['ocp_seconds_bucket', '+Inf', '4'],
    ['ocp_seconds_sum', undefined, '13.5'],
    ['ocp_seconds_count', undefined, '4'],
  ]);
});
