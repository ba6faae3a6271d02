import type { z } from 'zod';

/** What the OpenAPI description says of a route. Bodies and queries are the schemas that check them. */
export interface RouteDocs {
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  /** Answers by status. */
  readonly answers?: Readonly<Record<number, z.ZodType>>;
  /** The media type of the answer where it is not JSON alone. */
  readonly streams?: true;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route has it. */
    readonly docs: RouteDocs;
  }
}
