import type { Offer } from '../../../src/connect/offer.ts';

const main = { id: 'claude-sonnet-9', name: 'Claude Sonnet 9', contextWindow: 200_000, maxOutputTokens: 64_000 };
const small = { id: 'claude-haiku-9', name: 'Claude Haiku 9', contextWindow: undefined, maxOutputTokens: undefined };
const url = 'http://192.168.1.100:3456';

/** What a server offers whose second model is of unknown size. */
export const offer: Offer = {
  url,
  baseUrl: `${url}/v1`,
  key: 'ocp_example12345abcde',
  hasKey: true,
  models: [main, small],
  main,
  small,
  families: { sonnet: main.id, haiku: small.id },
};
