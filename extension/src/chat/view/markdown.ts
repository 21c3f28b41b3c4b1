import MarkdownIt from 'markdown-it';

/**
 * What a model writes, as HTML. Markup of its own is shown as text, and
 * nothing is loaded from anywhere.
 */
const markdown = new MarkdownIt({ html: false, linkify: false }).disable('image');

const fence = markdown.renderer.rules.fence;
markdown.renderer.rules.fence = (tokens, index, options, env, self) =>
  `<div class="code">${fence?.(tokens, index, options, env, self) ?? ''}</div>`;

export const rendered = (text: string): string => markdown.render(text);
