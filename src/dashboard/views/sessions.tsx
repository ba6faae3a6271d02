import { useState } from 'preact/hooks';
import { ask } from '../lib/api.ts';
import { ago, modelName } from '../lib/format.ts';
import { serverNow } from '../lib/live.ts';
import { useNow, useResource } from '../lib/resource.ts';
import { Question } from '../ui/dialog.tsx';
import { Card, Empty, Loaded, PageHead } from '../ui/parts.tsx';

interface Answer {
  readonly sessions: readonly {
    readonly id: string;
    readonly uuid: string;
    readonly owner: string;
    readonly model: string;
    readonly messages: number;
    readonly lastUsed: string;
  }[];
  readonly liveConversations: number;
}

/** Conversations that clients gave a name, and how many wait with a worker. */
export function Sessions() {
  const sessions = useResource<Answer>('/sessions', ['request', 'audit']);
  const [isAsking, setAsking] = useState(false);
  const now = useNow(5000, serverNow);
  const clear = async (): Promise<void> => {
    await ask('/sessions', 'DELETE');
    sessions.reload();
  };
  return (
    <>
      <PageHead
        title="Sessions"
        about="Conversations that clients gave a name, so that they may send only what is new. Kept in memory."
      >
        <button type="button" class="button danger" onClick={() => setAsking(true)}>
          Forget all
        </button>
      </PageHead>
      <Loaded from={sessions}>
        {(found) => (
          <Card
            title={`${found.sessions.length} named`}
            side={<span class="small muted">{found.liveConversations} conversations keep a worker ready</span>}
          >
            {found.sessions.length === 0 ? (
              <Empty title="No named conversations">
                A client names one with session_id or conversation_id, or with the header X-Session-Id.
              </Empty>
            ) : (
              <div class="scroll" tabIndex={0} role="region" aria-label="Sessions">
                <table class="cards-on-phone">
                  <thead>
                    <tr>
                      <th>Name</th>
                      <th>Whose</th>
                      <th>Model</th>
                      <th class="number">Messages</th>
                      <th class="number">Last used</th>
                    </tr>
                  </thead>
                  <tbody>
                    {found.sessions.map((session) => (
                      <tr key={session.uuid}>
                        <td class="cut mono" data-label="Name" title={session.id}>
                          {session.id}
                        </td>
                        <td data-label="Whose">{session.owner.replace(/^key:/u, 'key ')}</td>
                        <td data-label="Model">{modelName(session.model)}</td>
                        <td class="number" data-label="Messages">
                          {session.messages}
                        </td>
                        <td class="number" data-label="Last used">
                          {ago(Date.parse(session.lastUsed), now)}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Card>
        )}
      </Loaded>
      {isAsking ? (
        <Question title="Forget every conversation?" yes="Forget all" onYes={clear} onClose={() => setAsking(false)}>
          Named conversations are forgotten and waiting workers end. Clients that send their whole history notice
          nothing.
        </Question>
      ) : null}
    </>
  );
}
