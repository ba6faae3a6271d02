import { forcedCallSchema } from './forced-call.ts';
import type { MessagesRequest } from './request.ts';
import { SchemaAllowance } from './schema-allowance.ts';
import { contentSchema } from './structured-output.ts';

/** Where the schemas stand in the client's request. */
interface SchemaFields {
  readonly output: string;
  readonly tools: string;
}

/**
 * Looks, before anything is begun, at what becomes of the schemas that the CLI is asked to hold the answer to: those of
 * structured output and of forced calls. Returns the names of what is left out of them, for `x-ocp-ignored`.
 * Raises OcpError `invalid_request` that names the field whose schema grows beyond its bound.
 */
export function checkAskedSchemas(
  request: Pick<MessagesRequest, 'tools' | 'toolChoice' | 'parallelToolUse' | 'outputSchema'>,
  fields: SchemaFields,
): readonly string[] {
  const { tools, toolChoice, parallelToolUse, outputSchema } = request;
  if ((toolChoice.type === 'any' || toolChoice.type === 'tool') && tools.length > 0) {
    const allowance = new SchemaAllowance(fields.tools);
    forcedCallSchema(tools, toolChoice, parallelToolUse, allowance);
    return namesOf(fields.tools, allowance);
  }
  if (outputSchema === undefined) return [];
  const allowance = new SchemaAllowance(fields.output);
  contentSchema(outputSchema, allowance);
  return namesOf(fields.output, allowance);
}

function namesOf(field: string, { leftOut }: SchemaAllowance): readonly string[] {
  return [...leftOut].map((word) => `${field} (${word})`);
}
