import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcpError } from '../../../src/wire/errors.ts';
import { parse, parseWithPrevious } from '../../../src/wire/openai-responses/parse.ts';
import { storedOutput } from '../../../src/wire/openai-responses/response.ts';
import { neededState, storedInput } from '../../../src/wire/openai-responses/state.ts';
import { assembled, stream } from '../anthropic/streams.ts';
import { context } from './support.ts';

const text = (value: string) => ({ type: 'text', text: value });

/** A first turn with thinking and a call, as the gateway stores it. */
function firstTurn(): unknown[] {
  const { reply } = parse({ model: 'm', input: 'read it', instructions: 'old' }, {});
  const message = assembled(
    stream([
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'tool_use', id: 'toolu_01A', name: 'read', json: '{"path":"a"}' },
    ]),
  );
  return [...storedInput(reply, context), ...storedOutput(message, reply, context)];
}

test('a request that builds on a stored response goes on with its conversation, thinking and all', () => {
  const input = [{ type: 'function_call_output', call_id: 'calltoolu01A', output: 'ok' }];
  const body = { model: 'm', input, previous_response_id: 'resp_1' };
  const { request, reply } = parseWithPrevious(body, {}, firstTurn());
  assert.deepEqual(request.system, []);
  assert.deepEqual(request.messages, [
    { role: 'user', content: [text('read it')] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'sig' },
        { type: 'tool_use', id: 'toolu_01A', name: 'read', input: { path: 'a' } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_01A', content: [text('ok')] }] },
  ]);
  assert.equal(reply.previousResponseId, 'resp_1');
  assert.equal(reply.echo.previous_response_id, 'resp_1');
  assert.deepEqual(reply.inputItems, input);
});

test('item references stand for stored items', () => {
  const stored = firstTurn();
  const call = `fc_${context.replyId}1`;
  const body = {
    model: 'm',
    input: [
      { role: 'user', content: 'read it' },
      { type: 'item_reference', id: `rs_${context.replyId}0` },
      { id: call },
      { type: 'function_call_output', call_id: 'calltoolu01A', output: 'ok' },
    ],
  };
  assert.deepEqual(neededState(body), { itemIds: [`rs_${context.replyId}0`, call] });
  const { request, reply } = parseWithPrevious(body, {}, [], stored);
  assert.deepEqual(
    request.messages[1]?.content.map((block) => block.type),
    ['thinking', 'tool_use'],
  );
  assert.equal(reply.inputItems[2]?.['type'], 'function_call');
  const twice = parseWithPrevious(
    { ...body, input: [...body.input.slice(2), { role: 'user', content: 'x' }] },
    {},
    stored,
  );
  assert.equal(JSON.stringify(twice.request).split('tool_use"').length - 1, 1);
});

test('what is not there is named', () => {
  const raises = (body: object, code: string, param: string) => {
    assert.throws(
      () => parse({ model: 'm', input: 'hi', ...body }, {}),
      (error) => error instanceof OcpError && error.code === code && error.param === param,
    );
  };
  raises({ previous_response_id: 'resp_x' }, 'previous_response_not_found', 'previous_response_id');
  raises({ input: [{ type: 'item_reference', id: 'x' }] }, 'invalid_request', 'input[0].id');
  raises({ conversation: 'c', previous_response_id: 'resp_x' }, 'previous_response_not_found', 'previous_response_id');
  assert.throws(
    () => parseWithPrevious({ model: 'm', input: 'hi', conversation: 'c', previous_response_id: 'r' }, {}, []),
    OcpError,
  );
});

test('what a request needs is read without judging it', () => {
  assert.deepEqual(neededState({ previous_response_id: 'resp_1', input: 'x' }), {
    previousResponseId: 'resp_1',
    itemIds: [],
  });
  for (const body of [null, 1, [], { input: [null, {}, { id: 1 }] }, { previous_response_id: 1 }]) {
    assert.deepEqual(neededState(body), { itemIds: [] });
  }
});

test('stored input items are complete and have ids', () => {
  const input = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { type: 'function_call', id: 'fc_own', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: 'x' },
  ];
  assert.deepEqual(storedInput(parse({ model: 'm', input }, {}).reply, context), [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }], id: `msg_${context.replyId}in0` },
    {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'b', annotations: [] }],
      id: `msg_${context.replyId}in1`,
    },
    input[2],
    { ...input[3], id: `fco_${context.replyId}in3` },
  ]);
});
