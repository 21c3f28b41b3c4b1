// The editor's own page, which is VS Code's, with a script of ours.

const begin = '<!-- Atrium -->';
const end = '<!-- /Atrium -->';

/** Puts a script into the page, in place of an earlier one of ours. */
export function withScript(page, script) {
  if (script.includes('</script')) throw new Error('the script would end early');
  const start = page.indexOf(begin);
  const plain =
    start < 0 ? page : page.slice(0, start) + page.slice(page.indexOf(end, start) + end.length);
  const at = plain.indexOf('</head>');
  // VS Code's server allows the scripts of its page by this nonce.
  if (at < 0 || !plain.includes('nonce="{{WORKBENCH_SCRIPT_NONCE}}"'))
    throw new Error('this VS Code has another page than we know');
  const own = `${begin}<script nonce="{{WORKBENCH_SCRIPT_NONCE}}">${script.trim()}</script>${end}`;
  return plain.slice(0, at) + own + plain.slice(at);
}
