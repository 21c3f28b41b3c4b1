import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import OpenAI from 'openai'
import { base, chatToken, models, picture, poorToken, token } from './platform.mjs'

const connect = (apiKey, more) => new OpenAI({ baseURL: `${base}/api/ai/openai/v1`, apiKey, maxRetries: 0, ...more })
const client = connect(token)
const parameters = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] }
const tools = [{ type: 'function', function: { name: 'look', description: 'Look at a place.', parameters } }]

for (const model of models) {
  const ask = (content, more) => ({
    model,
    messages: [{ role: 'system', content: 'Be kind.' }, { role: 'user', content }],
    ...more,
  })

  describe(`openai with ${model}`, () => {
    test('a completion', async () => {
      const completion = await client.chat.completions.create(ask('Grüße, 日本 👩‍👩‍👧 <b>'))
      assert.equal(completion.object, 'chat.completion')
      assert.equal(completion.model, model)
      assert.ok(completion.created > 1_700_000_000)
      assert.match(completion.id, /^chatcmpl-/)
      assert.equal(completion.choices.length, 1)
      const [choice] = completion.choices
      assert.equal(choice.index, 0)
      assert.equal(choice.finish_reason, 'stop')
      assert.equal(choice.message.role, 'assistant')
      assert.equal(choice.message.content, 'You said: Grüße, 日本 👩‍👩‍👧 <b>')
      const { usage } = completion
      assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0)
      assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens)
      assert.ok(completion._request_id, 'support can be asked about it')
    })

    test('a conversation, with what only tunes it', async () => {
      const completion = await client.chat.completions.create({
        model,
        messages: [
          { role: 'developer', content: 'Be kind.' },
          { role: 'user', content: [{ type: 'text', text: 'One.' }] },
          { role: 'assistant', content: 'Two.' },
          { role: 'user', content: 'Three.' },
        ],
        temperature: 0, top_p: 0.5, presence_penalty: 0, seed: 7, user: 'u', n: 1, max_completion_tokens: 50,
      })
      assert.equal(completion.choices[0].message.content, 'You said: Three.')
    })

    test('bounds: max_tokens and stop', async () => {
      const short = await client.chat.completions.create(ask('[[fake:words=200]]', { max_tokens: 5 }))
      assert.equal(short.choices[0].finish_reason, 'length')
      assert.ok(short.usage.completion_tokens <= 5)
      for (const stop of ['three', ['three']]) {
        const stopped = await client.chat.completions.create(ask('one two three four', { stop }))
        assert.equal(stopped.choices[0].message.content, 'You said: one two ')
      }
    })

    test('a stream, chunk by chunk', async () => {
      const stream = await client.chat.completions.create(
        ask('[[fake:text=one two three]]', { stream: true, stream_options: { include_usage: true } }),
      )
      let text = ''
      const ends = []
      const chunks = []
      for await (const chunk of stream) {
        chunks.push(chunk)
        assert.equal(chunk.object, 'chat.completion.chunk')
        text += chunk.choices[0]?.delta.content ?? ''
        if (chunk.choices[0]?.finish_reason) ends.push(chunk.choices[0].finish_reason)
      }
      assert.equal(text, 'one two three')
      assert.equal(chunks[0].choices[0].delta.role, 'assistant')
      assert.deepEqual(ends, ['stop'])
      assert.deepEqual(chunks.at(-1).choices, [])
      assert.ok(chunks.at(-1).usage.prompt_tokens > 0)
      const silent = await client.chat.completions.create(ask('Hello.', { stream: true }))
      for await (const chunk of silent) assert.ok(!chunk.usage, 'usage comes to those who ask')
    })

    test('a stream, with the helper', async () => {
      const pieces = []
      const stream = client.chat.completions
        .stream(ask('[[fake:words=40,slow=5ms]]', { stream_options: { include_usage: true } }))
        .on('content', (piece) => pieces.push(piece))
      const completion = await stream.finalChatCompletion()
      assert.ok(pieces.length > 5, 'it comes as it is written')
      assert.equal(pieces.join(''), completion.choices[0].message.content)
      const whole = await client.chat.completions.create(ask('[[fake:words=40,slow=5ms]]'))
      assert.equal(whole.choices[0].message.content, completion.choices[0].message.content)
      assert.equal((await stream.totalUsage()).total_tokens, whole.usage.total_tokens)
    })

    test('tools: asked for, used, answered, in a stream and whole', async () => {
      const first = ask('Where?', { tools, tool_choice: 'auto', parallel_tool_calls: false })
      const streamed = await client.chat.completions.stream(first).finalChatCompletion()
      const whole = await client.chat.completions.create(first)
      for (const completion of [streamed, whole]) {
        const { message, finish_reason } = completion.choices[0]
        assert.equal(finish_reason, 'tool_calls')
        assert.equal(message.content, 'I look.')
        assert.equal(message.tool_calls.length, 1)
        assert.equal(message.tool_calls[0].type, 'function')
        assert.equal(message.tool_calls[0].function.name, 'look')
        assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { place: 'here' })
      }
      const { message } = streamed.choices[0]
      const answered = await client.chat.completions.create({
        ...first,
        messages: [...first.messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'a tree' }],
      })
      assert.equal(answered.choices[0].message.content, 'The tool said: a tree')
    })

    test('the tool runner goes all the way round', async () => {
      const asked = []
      const runner = client.chat.completions.runTools({
        ...ask('Where?'),
        tools: [{
          type: 'function',
          function: { name: 'look', parameters, parse: JSON.parse, function: (input) => (asked.push(input), 'a tree') },
        }],
      })
      assert.equal(await runner.finalContent(), 'The tool said: a tree')
      assert.deepEqual(asked, [{ place: 'here' }])
    })

    test('an image', async () => {
      const completion = await client.chat.completions.create(
        ask([
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } },
        ]),
      )
      assert.equal(completion.choices[0].message.content, 'I see image/png of 7 bytes.')
    })

    test('an answer that is an object', async () => {
      const completion = await client.chat.completions.parse(
        ask('Describe it.', {
          response_format: { type: 'json_schema', json_schema: { name: 'thing', strict: true, schema: {
            type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'], additionalProperties: false,
          } } },
        }),
      )
      assert.deepEqual(completion.choices[0].message.parsed, { colour: 'fake colour' })
    })

    test('models', async () => {
      const ids = []
      for await (const { id } of client.models.list()) ids.push(id)
      assert.ok(ids.includes(model))
      assert.equal((await client.models.retrieve(model)).id, model)
    })

    test('what the provider refuses', async () => {
      const failed = (prompt) => client.chat.completions.create(ask(prompt)).then(() => assert.fail('it was answered'), (e) => e)
      const rejected = await failed('[[fake:status=400]]')
      assert.ok(rejected instanceof OpenAI.BadRequestError)
      assert.equal(rejected.type, 'invalid_request_error')
      const long = await failed('[[fake:status=413]]')
      assert.equal(long.status, 413)
      assert.equal(long.code, 'context_length_exceeded')
      const limited = await failed('[[fake:status=429,retry-after=7s]]')
      assert.ok(limited instanceof OpenAI.InternalServerError)
      assert.equal(limited.headers.get('retry-after'), '7')
      const down = await failed('[[fake:status=500]]')
      assert.ok(down instanceof OpenAI.InternalServerError)
      assert.equal(down.type, 'server_error')
      assert.ok(down.requestID)
    })

    test('the SDK tries again by itself, and then it works', async () => {
      const patient = connect(token, { maxRetries: 2 })
      const completion = await patient.chat.completions.create(ask(`[[fake:status=529,times=1]] openai ${model}`))
      assert.ok(completion.choices[0].message.content.endsWith(model))
    })

    test('a stream that breaks', async () => {
      for (const breaks of ['cut-after=2', 'truncate-after=2', 'error-after=2']) {
        const stream = await client.chat.completions.create(ask(`[[fake:words=9,${breaks}]]`, { stream: true }))
        let text = ''
        await assert.rejects(
          async () => { for await (const chunk of stream) text += chunk.choices[0].delta.content ?? '' },
          (e) => e instanceof OpenAI.APIError && /^provider_/.test(e.code),
        )
        assert.equal(text, 'word1 word2 ', 'what came before it stands')
      }
    })

    test('leaving in the middle', async () => {
      const controller = new AbortController()
      const stream = await client.chat.completions.create(ask('[[fake:words=9,hang-after=2]] abort', { stream: true }), { signal: controller.signal })
      let text = ''
      for await (const chunk of stream) {
        text += chunk.choices[0].delta.content ?? ''
        if (text.endsWith('word2 ')) controller.abort()
      }
      assert.equal(text, 'word1 word2 ')
      const waiting = new AbortController()
      setTimeout(() => waiting.abort(), 500)
      await assert.rejects(
        client.chat.completions.create(ask('[[fake:words=9,hang-after=2]] abort'), { signal: waiting.signal }),
        OpenAI.APIUserAbortError,
      )
    })
  })
}

describe('openai is refused', () => {
  const [model] = models
  const failed = (client, change) =>
    client.chat.completions.create({ model, max_tokens: 20, messages: [{ role: 'user', content: 'Hello.' }], ...change })
      .then(() => assert.fail('it was answered'), (e) => e)

  test('by its token', async () => {
    const unknown = await failed(connect('atr_none'))
    assert.ok(unknown instanceof OpenAI.AuthenticationError)
    assert.equal(unknown.code, 'invalid_api_key')
    const narrow = await failed(connect(chatToken))
    assert.ok(narrow instanceof OpenAI.PermissionDeniedError)
  })

  test('by its plan, and does not try again', async () => {
    const start = Date.now()
    const poor = await failed(connect(poorToken, { maxRetries: 5 }))
    assert.ok(poor instanceof OpenAI.RateLimitError)
    assert.equal(poor.code, 'insufficient_quota')
    assert.ok(Date.now() - start < 2000)
  })

  test('for what it asks', async () => {
    const missing = await failed(client, { model: 'gpt-99' })
    assert.ok(missing instanceof OpenAI.NotFoundError)
    assert.equal(missing.code, 'model_not_found')
    await assert.rejects(client.models.retrieve('gpt-99'), OpenAI.NotFoundError)
    for (const [param, change] of Object.entries({
      messages: { messages: [] },
      n: { n: 2 },
      logprobs: { logprobs: true },
      'messages.0.content.0.image_url.url': {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/x.png' } }] }],
      },
    })) {
      const refused = await failed(client, change)
      assert.ok(refused instanceof OpenAI.BadRequestError, param)
      assert.equal(refused.param, param)
    }
    for (const call of [() => client.responses.create({ model, input: 'Hello.' }), () => client.embeddings.create({ model, input: 'x' })]) {
      await assert.rejects(call, OpenAI.NotFoundError, 'what is not here says so in the format')
    }
  })
})
