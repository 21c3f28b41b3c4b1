/** The mark without which the content security policy applies no style of a script's. */
export const nonce =
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

/**
 * Gives it to the styles that libraries make (dialogs, toasts, diagrams): most of
 * them have no way to be told. Styles in markup that is inserted still don't bear it.
 */
export function markStyles() {
  if (!nonce) return;
  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (
    this: Document,
    tag: string,
    options?: ElementCreationOptions,
  ) {
    const element = create.call(this, tag, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}
