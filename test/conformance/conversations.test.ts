import './conversations/breakpoints.ts';
import './conversations/cache-reads.ts';
import './conversations/live-conversations.ts';
