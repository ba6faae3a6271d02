import { isObject, objectsOf } from '../json.ts';
import type { Rule } from './rule.ts';
import { schemaProblem } from './json-schema.ts';

const toolName = /^[a-zA-Z0-9_-]{1,128}$/;
const propertyKey = /^[a-zA-Z0-9_.-]{1,64}$/;
const combinators = ['oneOf', 'allOf', 'anyOf'] as const;
const define = 'Define tools: Specifying client tools';

/** Rules about `tools` and `tool_choice`. */
export const toolRules: readonly Rule[] = [
  {
    name: 'tools-list',
    source: define,
    check: ({ tools }, refuse) => {
      if (tools !== undefined && tools !== null && !Array.isArray(tools)) refuse('tools: Input should be a valid list');
    },
  },
  {
    name: 'tool-name',
    source: define,
    check: ({ tools }, refuse) => {
      for (const [at, { name }] of objectsOf(tools).entries()) {
        if (typeof name !== 'string') return refuse(`tools.${at}.name: Field required`);
        if (!toolName.test(name)) refuse(`tools.${at}.name: String should match pattern '${toolName.source}'`);
      }
    },
  },
  {
    name: 'tool-names-unique',
    source: define,
    check: ({ tools }, refuse) => {
      const names = objectsOf(tools).map(({ name }) => name);
      if (new Set(names).size !== names.length) refuse('tools: Tool names must be unique.');
    },
  },
  {
    name: 'tool-schema',
    source: define,
    check: ({ tools }, refuse) => {
      for (const [at, tool] of objectsOf(tools).entries()) {
        if (tool['type'] !== undefined && tool['type'] !== null && tool['type'] !== 'custom') continue;
        const schema = tool['input_schema'];
        const place = `tools.${at}.custom.input_schema`;
        if (schema === undefined) refuse(`${place}: Field required`);
        if (!isObject(schema)) return refuse(`${place}: Input should be a valid dictionary`);
        if (schema['type'] === undefined) refuse(`${place}.type: Field required`);
        if (schema['type'] !== 'object') refuse(`${place}.type: Input should be 'object'`);
        if (combinators.some((word) => Object.hasOwn(schema, word))) {
          refuse(`${place}: input_schema does not support oneOf, allOf, or anyOf at the top level`);
        }
        const { properties } = schema;
        if (isObject(properties) && Object.keys(properties).some((key) => !propertyKey.test(key))) {
          refuse(`${place}.properties: Property keys should match pattern '${propertyKey.source}'`);
        }
        const problem = schemaProblem(schema);
        if (problem !== undefined) {
          refuse(
            `${place}: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). (${problem})`,
          );
        }
      }
    },
  },
  {
    name: 'tool-choice',
    source: "Define tools: Controlling Claude's output",
    check: ({ tools, tool_choice: choice }, refuse) => {
      if (choice === undefined || choice === null) return;
      if (!isObject(choice)) return refuse('tool_choice: Input should be a valid dictionary');
      if (objectsOf(tools).length === 0) refuse('tool_choice may only be specified while providing tools');
      const { type, name } = choice;
      if (type === 'tool' && !objectsOf(tools).some((tool) => tool['name'] === name)) {
        refuse(`Tool '${String(name)}' not found in provided tools`);
      }
    },
  },
];
