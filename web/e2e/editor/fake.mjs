// The AI provider's far end: a fake that speaks the true wire format, told by
// the tests what to answer.
const fakeURL = process.env.ANTHROPIC_BASE_URL;

/** Queues the answer to the next question, as directives of the fake. */
export async function willAnswer(text, options = "") {
  const body = `[[fake:text=${text}]]${options && `[[fake:${options}]]`}`;
  const response = await fetch(`${fakeURL}/fake/script`, { method: "POST", body });
  if (!response.ok) throw new Error(await response.text());
}

/** The next answer, where it must be JSON. */
export const willAnswerJSON = (value, options) => willAnswer(JSON.stringify(value), options);

/** Every question so far, oldest first: { body, sent, done, left, ended }. */
export async function questions() {
  const calls = await (await fetch(`${fakeURL}/fake/calls`)).json();
  return calls.filter((call) => call.path === "/v1/messages");
}

/** Resolves with the first question after so many that a test accepts. */
export async function question(after, accept = () => true, patience = 30_000) {
  const find = async () => (await questions()).slice(after).find(accept);
  return await eventually(`a question after ${after}`, find, patience);
}

/** Resolves with what a check gives as soon as that is something. */
export async function eventually(what, check, patience = 30_000) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${patience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
