import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as fc from 'fast-check';
import { adminKey, newKey, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { packageRoot } from '../support/ocp.ts';

const folder = join(packageRoot, 'plugins/openclaw');

/** What of `OpenClawPluginCommandDefinition` the plugin uses. */
interface CommandDefinition {
  readonly name: string;
  readonly description: string;
  readonly acceptsArgs: boolean;
  readonly requireAuth: boolean;
  readonly handler: (context: Context) => Promise<{ readonly text: string }>;
}

/** What of `PluginCommandContext` the plugin reads. */
interface Context {
  readonly senderId?: string;
  readonly channel: string;
  readonly isAuthorizedSender: boolean;
  readonly senderIsOwner?: boolean;
  readonly assertOwnerCurrent?: () => void;
  readonly gatewayClientScopes?: readonly string[];
  readonly sessionKey?: string;
  readonly args?: string;
  readonly commandBody: string;
  readonly config: { readonly commands?: { readonly ownerAllowFrom?: readonly string[] } };
}

interface World {
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly readFile: (path: string) => string;
  readonly fetch: typeof fetch;
}

const { ocpCommand } = (await import(join(folder, 'lib/command.js'))) as {
  readonly ocpCommand: (config: Readonly<Record<string, unknown>>, world: World) => CommandDefinition;
};
const { targetOf, adminKeyOf } = (await import(join(folder, 'lib/client.js'))) as {
  readonly targetOf: (config: object, world: Pick<World, 'env'>) => string;
  readonly adminKeyOf: (config: object, target: string, world: World) => string | undefined;
};

const owners = { commands: { ownerAllowFrom: ['telegram:1000', 'discord:*', '*'] } };
const owner: Context = {
  senderId: '1000',
  channel: 'telegram',
  isAuthorizedSender: true,
  sessionKey: 'agent:main:telegram:direct:1000',
  commandBody: '/ocp',
  config: owners,
};
const guest: Context = { ...owner, senderId: '2000' };

function world(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): World {
  return {
    env,
    home: '/home/x',
    fetch,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT ${path}`);
      return text;
    },
  };
}

/** What stands in the reply's block. */
async function said(command: CommandDefinition, args: string, context: Context): Promise<string> {
  const reply = await command.handler({ ...context, args });
  assert.deepEqual(Object.keys(reply), ['text']);
  const body = /^```\n([^]*)\n```$/.exec(reply.text)?.[1];
  assert.ok(body !== undefined && !body.includes('```'), reply.text);
  return body;
}

test('the plugin is what OpenClaw loads: a definition, a manifest with the same id, an entry in package.json', async () => {
  const { default: plugin } = (await import(join(folder, 'index.js'))) as {
    readonly default: { readonly id: string; readonly register: (api: unknown) => void };
  };
  const json = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;
  const manifest = json('openclaw.plugin.json');
  assert.equal(plugin.id, manifest['id']);
  assert.partialDeepStrictEqual(manifest['configSchema'], { type: 'object', additionalProperties: false });
  assert.partialDeepStrictEqual(json('package.json'), { type: 'module', openclaw: { extensions: ['./index.js'] } });
  assert.equal(json('package.json')['version'], manifest['version']);
  const registered: CommandDefinition[] = [];
  plugin.register({
    pluginConfig: undefined,
    registerCommand: (made: CommandDefinition) => void registered.push(made),
  });
  assert.deepEqual(
    registered.map(({ name, acceptsArgs, requireAuth }) => ({ name, acceptsArgs, requireAuth })),
    [{ name: 'ocp', acceptsArgs: true, requireAuth: true }],
  );
  assert.match(await said(registered[0] as CommandDefinition, '', guest), /^\/ocp status +how OCP is doing$/m);
});

suite('/ocp in a chat', () => {
  let ocp: Ocp;
  let command: CommandDefinition;
  before(async () => {
    ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    command = ocpCommand({}, world({ OCP_PROXY_URL: `${ocp.url}/v1/`, OCP_ADMIN_KEY: adminKey }));
  });
  after(() => ocp[Symbol.asyncDispose]());

  test('shows everybody how OCP is, and its models', async () => {
    assert.match(await said(command, 'status', guest), /^OCP +\S+: ok\nUp /);
    assert.match(await said(command, 'health', guest), /^Status +ok\nProblem +none\n/);
    assert.match(await said(command, 'MODELS', guest), /^claude-\S+\n/);
    assert.match(await said(command, 'nonsense', guest), /^There is no \/ocp nonsense\.\n\n\/ocp status/);
  });

  test('refuses everything else to people who are not the owner, and asks OCP nothing for them', async () => {
    const asked: string[] = [];
    const counting = ocpCommand({}, { ...world({}), fetch: async () => (asked.push('asked'), new Response()) });
    const guests: readonly Context[] = [
      guest,
      { ...owner, channel: 'discord' },
      { ...owner, config: {} },
      { ...owner, senderIsOwner: false },
      { ...guest, gatewayClientScopes: ['operator.read', 'operator.write'] },
      { channel: 'telegram', isAuthorizedSender: true, commandBody: '', config: owners },
      { ...owner, senderId: '*' },
    ];
    const commands = [
      'usage',
      'keys',
      'keys add x',
      'keys revoke x',
      'settings',
      'settings a 1',
      'sessions',
      'clear',
      'logs',
    ];
    for (const context of guests) {
      for (const args of commands)
        assert.match(await said(counting, args, context), /^Only the owner may do this[.:]/, args);
    }
    assert.deepEqual(asked, []);
    assert.match(await said(counting, 'keys', guest), /"telegram:2000"$/);
    const client = { ...guest, channel: 'webchat', gatewayClientScopes: [] };
    assert.match(await said(counting, 'keys', client), /needs the scope operator\.admin\.$/);
  });

  test('knows the owner by the host, by openclaw.json, by its own configuration, and as an admin of the Gateway', async () => {
    const listed = ocpCommand({ owners: ['signal:+49'] }, world({ OCP_PROXY_URL: ocp.url, OCP_ADMIN_KEY: adminKey }));
    const people: readonly Context[] = [
      owner,
      { ...owner, senderId: 'telegram:1000', channel: 'Telegram' },
      { ...guest, senderIsOwner: true },
      { ...guest, channel: 'webchat', gatewayClientScopes: ['operator.admin'] },
      { ...guest, channel: 'signal', senderId: '+49' },
      { ...guest, config: { commands: { ownerAllowFrom: ['2000'] } } },
    ];
    for (const context of people)
      assert.match(await said(listed, 'sessions', context), /^No conversation has a name\./);
  });

  test('makes and revokes keys, and shows one only where nobody reads along', async () => {
    const groups: readonly Context[] = [
      { ...owner, sessionKey: 'agent:main:telegram:group:-5' },
      { ...owner, sessionKey: 'agent:main:discord:channel:7' },
    ];
    for (const context of groups) assert.match(await said(command, 'keys add x', context), /only in a direct chat/);
    const made = await said(command, 'keys add wife laptop', owner);
    const key = /^ocp_\S{32}$/m.exec(made)?.[0] ?? '';
    const use = async (): Promise<number> =>
      (await fetch(`${ocp.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    assert.equal(await use(), 200);
    const list = await said(command, 'keys', owner);
    assert.match(list, /^wife laptop +ocp_\S+ +active +\d{4}-\d\d-\d\d$/m);
    assert.ok(!list.includes(key));
    assert.equal(await said(command, 'keys revoke wife laptop', owner), 'wife laptop is revoked.');
    assert.equal(await use(), 401);
    assert.equal(await said(command, 'keys revoke wife laptop', owner), 'There is no key wife laptop that works.');
    assert.match(await said(command, 'keys add', owner), /^The name is missing: \/ocp keys add NAME/);
    assert.match(await said(command, 'keys add `bad/name`', owner), /name/i);
  });

  test('shows and changes settings, and says why it cannot', async () => {
    assert.match(await said(command, 'settings', owner), /^maxConcurrent +8/m);
    assert.equal(await said(command, 'settings maxConcurrent 4', owner), 'maxConcurrent = 4');
    assert.match(await said(command, 'settings', owner), /^maxConcurrent +4/m);
    assert.match(await said(command, 'settings maxConcurrent 4000', owner), /out of range/);
    assert.match(await said(command, 'settings nonsense 4', owner), /unknown setting/);
    assert.match(await said(command, 'settings maxConcurrent lots', owner), /a name and a number/);
  });

  test('shows usage, sessions and logs', async () => {
    const named = { model: 'haiku', session_id: 'my chat', messages: [{ role: 'user', content: 'hi' }] };
    await fetch(`${ocp.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
      body: JSON.stringify(named),
    });
    assert.match(await said(command, 'usage', owner), /^claude-haiku-\S+ +1 +1 +0$/m);
    assert.match(await said(command, 'sessions', owner), /^my chat +haiku +2 /m);
    assert.match(await said(command, 'logs 5 info', owner), /^\S+ INFO request /m);
    assert.match(await said(command, 'logs lots', owner), /^Use \/ocp logs/);
    assert.equal(await said(command, 'clear', owner), '1 forgotten.');
  });

  test('does nothing when the host says that the owner is one no longer', async () => {
    const context = { ...owner, senderIsOwner: true, assertOwnerCurrent: () => assert.fail('no longer') };
    await assert.rejects(command.handler({ ...context, args: 'keys add late' }), /no longer/);
    assert.ok(!(await said(command, 'keys', owner)).includes('late'));
  });

  test('says what is wrong with its key, with the address, and with the server', async () => {
    const of = async (env: Record<string, string>, args: string): Promise<string> =>
      said(ocpCommand({}, world(env)), args, owner);
    const { key } = await newKey(ocp, { name: 'no admin' });
    assert.match(await of({ OCP_PROXY_URL: ocp.url }, 'keys'), /^OCP wants its admin key: set OCP_ADMIN_KEY/);
    assert.match(await of({ OCP_PROXY_URL: ocp.url, OCP_ADMIN_KEY: key }, 'keys'), /does not accept the admin key/);
    assert.match(
      await of({ OCP_PROXY_URL: 'http://127.0.0.1:9' }, 'status'),
      /^OCP does not answer at http:\/\/127\.0\.0\.1:9\./,
    );
    assert.match(await of({ OCP_PROXY_URL: 'file:///etc' }, 'status'), /no http URL/);
  });
});

test('the target and the key come from where they should, and the key of this machine goes nowhere else', () => {
  const config = { url: 'http://10.0.0.5:1/', adminKey: 'configured' };
  const env = { OCP_PROXY_URL: 'http://10.0.0.6:2', CLAUDE_PROXY_PORT: '4000', OCP_ADMIN_KEY: 'given' };
  assert.equal(targetOf(config, { env }), 'http://10.0.0.6:2');
  assert.equal(targetOf(config, { env: { CLAUDE_PROXY_PORT: '4000' } }), 'http://10.0.0.5:1');
  assert.equal(targetOf({}, { env: { CLAUDE_PROXY_PORT: '4000' } }), 'http://127.0.0.1:4000');
  assert.equal(targetOf({}, { env: {} }), 'http://127.0.0.1:3456');
  const files = { '/home/x/.ocp/admin-key': 'kept\n', '/other/admin-key': 'elsewhere' };
  assert.equal(adminKeyOf(config, 'http://127.0.0.1:1', world(env, files)), 'given');
  assert.equal(adminKeyOf(config, 'http://127.0.0.1:1', world({}, files)), 'configured');
  assert.equal(adminKeyOf({}, 'http://127.0.0.1:1', world({}, files)), 'kept');
  assert.equal(adminKeyOf({}, 'http://localhost:1', world({ OCP_HOME: '/other' }, files)), 'elsewhere');
  assert.equal(adminKeyOf({}, 'http://10.0.0.5:1', world({}, files)), undefined);
});

test('no answer breaks out of its block or grows without end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('```', '`', '\n', '\u001b[2J', '\u202e', 'a', '😀'), { maxLength: 4000 }),
      async (parts) => {
        const data = [{ id: parts.join('') }];
        const command = ocpCommand({}, { ...world({}), fetch: async () => Response.json({ data }) });
        const body = await said(command, 'models', guest);
        assert.ok(Array.from(body).length <= 1910);
        assert.ok(!/(?!\n)[\p{Cc}\p{Cf}]/u.test(body));
      },
    ),
    { numRuns: 30 },
  );
});
