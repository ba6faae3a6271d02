/**
 * Who may administer OCP from a chat. OpenClaw tells a plugin of its own only that a sender may use commands; who the owner
 * is, it tells plugins that came with it (`senderIsOwner`). So the rule is followed here: the identities in
 * `commands.ownerAllowFrom`, written `channel:id` or as a bare id, and clients of the Gateway with `operator.admin`. Nobody
 * is an owner where nobody is named.
 */
export function isOwner(context, furtherOwners = []) {
  if (typeof context.senderIsOwner === 'boolean') return context.senderIsOwner;
  if (Array.isArray(context.gatewayClientScopes)) return context.gatewayClientScopes.includes('operator.admin');
  const { senderId } = context;
  if (typeof senderId !== 'string' || senderId.trim() === '') return false;
  const channels = [context.channel, context.channelId].filter((name) => typeof name === 'string' && name !== '');
  const listed = context.config?.commands?.ownerAllowFrom;
  const entries = [...(Array.isArray(listed) ? listed : []), ...furtherOwners];
  const sender = withoutChannel(senderId, channels) ?? senderId.trim();
  return entries.some((entry) => {
    const text = String(entry).trim();
    if (text === '' || text === '*' || text.endsWith(':*')) return false;
    const id = text.includes(':') ? withoutChannel(text, channels) : text;
    return id === sender;
  });
}

/** The id of `channel:id` where it is one of these channels. */
function withoutChannel(text, channels) {
  const at = text.indexOf(':');
  const prefix = text.slice(0, at).trim().toLowerCase();
  return at > 0 && channels.some((name) => name.toLowerCase() === prefix) ? text.slice(at + 1).trim() : undefined;
}

/** Whether others read along: a key is shown in none but a direct chat. */
export function isShared(context) {
  const places = [context.sessionKey, context.from, context.to].filter((text) => typeof text === 'string');
  const isGroup = places.some((text) => /(?:^|:)(?:group|channel|guild|room|space|thread|topic)s?(?::|$)/i.test(text));
  return isGroup || context.messageThreadId !== undefined;
}

/** What a sender who is none is told. */
export function ownerHint({ channel, senderId, gatewayClientScopes }) {
  if (Array.isArray(gatewayClientScopes)) {
    return 'Only the owner may do this: a client of the gateway needs the scope operator.admin.';
  }
  const who = typeof senderId === 'string' && senderId !== '' ? senderId : 'ID';
  const entry = who.includes(':') ? who : `${channel}:${who}`;
  return `Only the owner may do this. The operator names owners in commands.ownerAllowFrom of openclaw.json: ${JSON.stringify(entry)}`;
}
