import './answers/client-habits-responses.ts';
import './answers/client-habits.ts';
import './answers/media.ts';
import './answers/messages-api.ts';
import './answers/recordings.ts';
import './answers/structured-output.ts';
import './answers/thinking.ts';
