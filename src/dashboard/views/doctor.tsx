import { fullTime } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { Copyable } from '../ui/copy.tsx';
import { Card, Empty, Loaded, PageHead } from '../ui/parts.tsx';

interface Finding {
  readonly id: string;
  readonly level: string;
  readonly message: string;
  readonly cause?: string;
  readonly fix?: string;
  readonly commands?: readonly string[];
  readonly human?: readonly string[];
}

interface Answer {
  readonly timestamp: string;
  readonly fail_count: number;
  readonly warn_count: number;
  readonly checks: readonly Finding[];
  readonly command: string;
}

const tones: Readonly<Record<string, string>> = { FAIL: 'bad', WARN: 'warn' };

/** What the doctor finds, with the command to run. */
export function Doctor() {
  const doctor = useResource<Answer>('/api/doctor');
  return (
    <>
      <PageHead title="Doctor" about="What can go wrong, as far as the server can see it.">
        <button type="button" class="button" disabled={doctor.isLoading} onClick={doctor.reload}>
          {doctor.isLoading ? 'Looking …' : 'Look again'}
        </button>
      </PageHead>
      <Loaded from={doctor}>
        {(found) => {
          const findings = found.checks.filter(({ level }) => tones[level] !== undefined);
          const well = found.checks.filter(({ level }) => tones[level] === undefined);
          return (
            <div class="stack">
              {findings.length === 0 ? (
                <Card>
                  <Empty title="Nothing is wrong">
                    {well.length} checks passed, {fullTime(Date.parse(found.timestamp))}.
                  </Empty>
                </Card>
              ) : (
                findings.map((finding) => <Found key={finding.id} finding={finding} />)
              )}
              <Card title="On the server, the command that sees more">
                <Copyable text={found.command} label="the command" />
              </Card>
              {well.length === 0 ? null : (
                <Card title="Passed">
                  <ul class="shares">
                    {well.map(({ id, message }) => (
                      <li key={id}>
                        <span>{message}</span>
                        <code class="muted">{id}</code>
                      </li>
                    ))}
                  </ul>
                </Card>
              )}
            </div>
          );
        }}
      </Loaded>
    </>
  );
}

function Found({ finding }: { finding: Finding }) {
  const { id, level, message, cause, fix, commands = [], human = [] } = finding;
  return (
    <Card>
      <div class="between">
        <h2>{message}</h2>
        <span class={`tag ${tones[level] ?? ''}`}>{level === 'FAIL' ? 'fails' : 'warning'}</span>
      </div>
      <div class="stack">
        {cause === undefined ? null : <p class="muted">{cause}</p>}
        {fix === undefined ? null : <p>{fix}</p>}
        {commands.map((command) => (
          <Copyable key={command} text={command} label={`the command for ${id}`} />
        ))}
        {human.map((step) => (
          <p key={step}>{step}</p>
        ))}
      </div>
    </Card>
  );
}
