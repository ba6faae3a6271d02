import type { Config } from '../../config/config.ts';
import { OcpError } from '../../wire/errors.ts';

/** What one body may be at most. */
export interface BodyLimits {
  readonly bytes: number;
  readonly values: number;
  /** How many arrays and objects may stand in one another. */
  readonly depth: number;
}

/** Bodies that carry no conversation are settings, names and keys. */
const SMALL: BodyLimits = { bytes: 262_144, values: 5000, depth: 50 };

/** The limits of the bodies that carry a conversation. */
export function conversationLimits({ maxBodySize, bodyMaxValues, bodyMaxDepth }: Config): BodyLimits {
  return { bytes: maxBodySize, values: bodyMaxValues, depth: bodyMaxDepth };
}

/** The limits of all other bodies, where the route takes no less. */
export function smallLimits(config: Config, ofRoute: number): BodyLimits {
  const { bytes, values, depth } = conversationLimits(config);
  return {
    bytes: Math.min(bytes, SMALL.bytes, ofRoute),
    values: Math.min(values, SMALL.values),
    depth: Math.min(depth, SMALL.depth),
  };
}

export function tooLong({ bytes }: BodyLimits): OcpError {
  return new OcpError('body_too_large', `The body is larger than ${bytes} bytes.`);
}

export function tooManyValues({ values }: BodyLimits): OcpError {
  return new OcpError('too_many_values', `The body holds more than ${values} values.`);
}

export function tooDeep({ depth }: BodyLimits): OcpError {
  return new OcpError('invalid_request', `The request is nested deeper than ${depth} levels.`);
}
