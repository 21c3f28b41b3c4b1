import type { CodeUse, FromView, Message, Subject, ToView } from '../types.ts';
import { button, make } from './elements.ts';
import { rendered } from './markdown.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromView): void };

const platform = acquireVsCodeApi();
const ask = (message: FromView) => platform.postMessage(message);

const names: Record<Subject, string> = {
  nothing: 'Ask on its own',
  selection: 'About the selection',
  file: 'About this file',
  workspace: 'About the workspace',
};

const picker = make('select', { 'aria-label': 'Conversation' });
picker.addEventListener('change', () =>
  ask(picker.value ? { type: 'open', id: picker.value } : { type: 'new' }),
);
// Others may have been begun elsewhere meanwhile.
picker.addEventListener('focus', () => ask({ type: 'list' }));
const thread = make('div', {
  class: 'thread',
  role: 'log',
  'aria-label': 'Messages',
  tabindex: '0',
});
const trouble = make('p', { class: 'trouble', role: 'alert', hidden: '' });
const input = make('textarea', {
  'aria-label': 'Message',
  rows: '3',
  placeholder: 'Ask a question',
});
const about = make(
  'select',
  { 'aria-label': 'About' },
  ...Object.entries(names).map(([value, name]) => make('option', { value }, name)),
);
const send = button('Send', () => submit());
const stop = button('Stop', () => ask({ type: 'stop' }), { hidden: '' });

document.body.append(
  make(
    'header',
    {},
    picker,
    button('New', () => ask({ type: 'new' }), { title: 'New conversation' }),
    button('Open in Chat', () => ask({ type: 'browse' }), {
      title: 'Open in the platform’s pages',
    }),
  ),
  thread,
  trouble,
  make('footer', {}, input, make('div', { class: 'row' }, about, send, stop)),
);

function submit() {
  if (!input.value.trim() || send.hidden) return;
  trouble.hidden = true;
  ask({ type: 'send', text: input.value, subject: about.value as Subject });
}

input.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});

type Article = { body: HTMLElement; text: string; drawn: boolean; usable: boolean };
const articles = new Map<string, Article>();

function show(messages: Message[]) {
  const atEnd = isAtEnd();
  thread.replaceChildren();
  articles.clear();
  for (const { id, role, content, status, metadata } of messages) {
    const mine = role === 'user';
    const body = make('div', { class: 'body' });
    thread.append(
      make(
        'article',
        { class: mine ? 'mine' : 'answer', 'aria-label': mine ? 'You' : 'Assistant' },
        body,
      ),
    );
    articles.set(id, { body, text: content, drawn: false, usable: !mine });
    draw(id);
    if (status === 'error' || status === 'interrupted') {
      body.append(
        make('p', { class: 'trouble' }, metadata?.errorMessage ?? 'The answer broke off.'),
      );
    }
  }
  if (atEnd) thread.scrollTop = thread.scrollHeight;
}

/** Draws a message at the next frame: pieces come faster than that. */
function drawSoon(id: string) {
  const article = articles.get(id);
  if (!article?.drawn) return;
  article.drawn = false;
  requestAnimationFrame(() => {
    const atEnd = isAtEnd();
    draw(id);
    if (atEnd) thread.scrollTop = thread.scrollHeight;
  });
}

function draw(id: string) {
  const article = articles.get(id);
  if (!article) return;
  article.drawn = true;
  article.body.innerHTML = rendered(article.text); // see markdown.ts for why this is safe
  if (!article.usable) return;
  for (const code of article.body.querySelectorAll<HTMLElement>('.code code')) {
    const use = (how: CodeUse) => () =>
      ask({ type: 'use', use: how, code: (code.textContent ?? '').replace(/\n$/, '') });
    code
      .closest('.code')
      ?.append(
        make(
          'div',
          { class: 'row' },
          button('Apply', use('apply'), { title: 'See it as a change of the file in the editor' }),
          button('Insert', use('insert'), { title: 'Insert at the cursor' }),
          button('Run', use('run'), { title: 'Run in the terminal' }),
        ),
      );
  }
}

const isAtEnd = () => thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;

window.addEventListener('message', ({ data }: MessageEvent<ToView>) => {
  switch (data.type) {
    case 'conversations':
      picker.replaceChildren(
        make('option', { value: '' }, 'New conversation'),
        ...data.conversations.map(({ id, title }) =>
          make('option', { value: id }, title || 'Untitled'),
        ),
      );
      picker.value = data.current;
      return;
    case 'messages':
      show(data.messages);
      send.hidden = data.answering;
      stop.hidden = !data.answering;
      return;
    case 'delta': {
      const article = articles.get(data.id);
      if (article) article.text += data.text;
      drawSoon(data.id);
      return;
    }
    case 'sent':
      input.value = '';
      return;
    case 'trouble':
      trouble.textContent = data.message;
      trouble.hidden = false;
      return;
    case 'subject':
      about.value = data.subject;
      input.focus();
  }
});

ask({ type: 'ready' });
