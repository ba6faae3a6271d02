import type { FastifyInstance } from 'fastify';
import type { Metric } from './registry.ts';
import { expose } from './registry.ts';

/** `/metrics` for Prometheus: for the admin, and for the holder of a token of its own (OCP_METRICS_TOKEN). */
export function addMetricsRoute(server: FastifyInstance, metrics: () => readonly Metric[]): void {
  server.get(
    '/metrics',
    {
      config: {
        access: 'admin',
        isForMetrics: true,
        docs: { summary: 'Show metrics in the text format of Prometheus' },
      },
    },
    (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(expose(metrics())),
  );
}
