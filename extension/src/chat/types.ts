/** A conversation, as far as the view shows it. */
export type Conversation = { id: string; title: string };

/** A message: what a person asked, or what a model answers. */
export type Message = {
  id: string;
  role: string;
  content: string;
  status: string;
  metadata?: { errorMessage?: string };
};

/** What a question may be about, beside its own words. */
export const subjects = ['nothing', 'selection', 'file', 'workspace'] as const;
export type Subject = (typeof subjects)[number];

/** What can be done with a block of code, after a click. */
export type CodeUse = 'apply' | 'insert' | 'run';

/** What the view asks of the extension. */
export type FromView =
  | { type: 'ready' }
  | { type: 'send'; text: string; subject: Subject }
  | { type: 'stop' }
  | { type: 'list' }
  | { type: 'new' }
  | { type: 'open'; id: string }
  | { type: 'browse' }
  | { type: 'use'; use: CodeUse; code: string };

/** What the extension tells the view. */
export type ToView =
  | { type: 'conversations'; conversations: Conversation[]; current: string }
  | { type: 'messages'; messages: Message[]; answering: boolean }
  | { type: 'delta'; id: string; text: string }
  | { type: 'trouble'; message: string }
  | { type: 'sent' }
  | { type: 'subject'; subject: Subject };
