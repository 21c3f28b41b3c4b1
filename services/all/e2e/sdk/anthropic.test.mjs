import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { base, chatToken, models, picture, poorToken, token } from './platform.mjs'

const connect = (apiKey, more) =>
  new Anthropic({ baseURL: `${base}/api/ai/anthropic`, apiKey, maxRetries: 0, ...more })
const client = connect(token)
const tools = [
  {
    name: 'look',
    description: 'Look at a place.',
    input_schema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
]

for (const model of models) {
  const ask = (content, more) => ({
    model,
    max_tokens: 500,
    system: 'Be kind.',
    messages: [{ role: 'user', content }],
    ...more,
  })

  describe(`@anthropic-ai/sdk with ${model}`, () => {
    test('a message', async () => {
      const message = await client.messages.create(ask('Grüße, 日本 👩‍👩‍👧 <b>'))
      assert.equal(message.type, 'message')
      assert.equal(message.role, 'assistant')
      assert.equal(message.model, model)
      assert.deepEqual(message.content.map(({ type, text }) => ({ type, text })), [
        { type: 'text', text: 'You said: Grüße, 日本 👩‍👩‍👧 <b>' },
      ])
      assert.equal(message.stop_reason, 'end_turn')
      assert.equal(message.stop_sequence, null)
      assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0)
      assert.match(message.id, /^msg_/)
      assert.ok(message._request_id, 'support can be asked about it')
    })

    test('blocks, a conversation, and the beta client', async () => {
      const messages = [
        { role: 'user', content: [{ type: 'text', text: 'One.' }] },
        { role: 'assistant', content: 'Two.' },
        { role: 'user', content: [{ type: 'text', text: 'Three.', cache_control: { type: 'ephemeral' } }] },
      ]
      const system = [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }]
      for (const api of [client.messages, client.beta.messages]) {
        const message = await api.create({ model, max_tokens: 50, system, messages, temperature: 0, metadata: { user_id: 'u' } })
        assert.equal(message.content[0].text, 'You said: Three.')
      }
    })

    test('bounds: max_tokens and stop sequences', async () => {
      const short = await client.messages.create(ask('[[fake:words=200]]', { max_tokens: 5 }))
      assert.equal(short.stop_reason, 'max_tokens')
      assert.ok(short.usage.output_tokens <= 5)
      const stopped = await client.messages.create(ask('one two three four', { stop_sequences: ['three'] }))
      assert.equal(stopped.content[0].text, 'You said: one two ')
    })

    test('a stream, event by event', async () => {
      const stream = await client.messages.create(ask('[[fake:text=one two three]]', { stream: true }))
      const seen = []
      let text = ''
      let usage
      for await (const event of stream) {
        if (event.type !== 'ping' && event.type !== seen.at(-1)) seen.push(event.type)
        if (event.type === 'message_start') assert.ok(event.message.usage.input_tokens > 0)
        if (event.type === 'content_block_delta') text += event.delta.text
        if (event.type === 'message_delta') {
          assert.equal(event.delta.stop_reason, 'end_turn')
          usage = event.usage
        }
      }
      assert.deepEqual(seen, [
        'message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop',
      ])
      assert.equal(text, 'one two three')
      assert.ok(usage.output_tokens > 0)
    })

    test('a stream, with the helper', async () => {
      const pieces = []
      const stream = client.messages.stream(ask('[[fake:words=40,slow=5ms]]')).on('text', (piece) => pieces.push(piece))
      const message = await stream.finalMessage()
      assert.ok(pieces.length > 5, 'it comes as it is written')
      assert.equal(pieces.join(''), message.content[0].text)
      assert.ok(message.content[0].text.endsWith('word40'))
      const whole = await client.messages.create(ask('[[fake:words=40,slow=5ms]]'))
      assert.equal(whole.content[0].text, message.content[0].text)
      assert.deepEqual(
        [message.usage.input_tokens, message.usage.output_tokens],
        [whole.usage.input_tokens, whole.usage.output_tokens],
      )
    })

    test('tools: asked for, used, answered, in a stream and whole', async () => {
      const first = ask('Where?', { tools, tool_choice: { type: 'auto' } })
      const stream = client.messages.stream(first)
      const inputs = []
      stream.on('inputJson', (_, snapshot) => inputs.push(snapshot))
      const streamed = await stream.finalMessage()
      const whole = await client.messages.create(first)
      for (const message of [streamed, whole]) {
        assert.equal(message.stop_reason, 'tool_use')
        assert.deepEqual(message.content.map((b) => b.type), ['text', 'tool_use'])
        assert.equal(message.content[1].name, 'look')
        assert.deepEqual(message.content[1].input, { place: 'here' })
        assert.ok(message.content[1].id)
      }
      assert.deepEqual(inputs.at(-1), { place: 'here' })
      const answered = await client.messages.create({
        ...first,
        messages: [
          ...first.messages,
          { role: 'assistant', content: streamed.content },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: streamed.content[1].id, content: [{ type: 'text', text: 'a tree' }] }],
          },
        ],
      })
      assert.equal(answered.content[0].text, 'The tool said: a tree')
    })

    test('the tool runner goes all the way round', async () => {
      const asked = []
      const message = await client.beta.messages.toolRunner({
        ...ask('Where?'),
        tools: [{ ...tools[0], run: (input) => (asked.push(input), 'a tree'), parse: (input) => input }],
      })
      assert.deepEqual(asked, [{ place: 'here' }])
      assert.equal(message.content[0].text, 'The tool said: a tree')
    })

    test('an image', async () => {
      const message = await client.messages.create(
        ask([
          { type: 'text', text: 'What is it?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } },
        ]),
      )
      assert.equal(message.content[0].text, 'I see image/png of 7 bytes.')
    })

    test('the count of tokens', async () => {
      const counted = await client.messages.countTokens({ model, system: 'Be kind.', messages: [{ role: 'user', content: 'Hello.' }] })
      const more = await client.messages.countTokens({ model, tools, messages: [{ role: 'user', content: 'Hello. '.repeat(50) }] })
      assert.ok(counted.input_tokens > 0)
      assert.ok(more.input_tokens > counted.input_tokens + 50)
    })

    test('models', async () => {
      const ids = []
      for await (const { id } of client.models.list()) ids.push(id)
      assert.ok(ids.includes(model))
      const found = await client.models.retrieve(model)
      assert.equal(found.id, model)
      assert.ok(found.display_name)
    })

    test('what the provider refuses', async () => {
      const failed = (prompt) => client.messages.create(ask(prompt)).then(() => assert.fail('it was answered'), (e) => e)
      const rejected = await failed('[[fake:status=400]]')
      assert.ok(rejected instanceof Anthropic.BadRequestError)
      assert.equal(rejected.type, 'invalid_request_error')
      const long = await failed('[[fake:status=413]]')
      assert.equal(long.status, 413)
      assert.equal(long.type, 'request_too_large')
      const limited = await failed('[[fake:status=429,retry-after=7s]]')
      assert.ok(limited instanceof Anthropic.InternalServerError)
      assert.equal(limited.type, 'overloaded_error')
      assert.equal(limited.headers.get('retry-after'), '7')
      const down = await failed('[[fake:status=500]]')
      assert.ok(down instanceof Anthropic.InternalServerError)
      assert.equal(down.type, 'api_error')
      assert.ok(down.requestID)
    })

    test('the SDK tries again by itself, and then it works', async () => {
      const patient = connect(token, { maxRetries: 2 })
      const message = await patient.messages.create(ask(`[[fake:status=529,times=1]] anthropic ${model}`))
      assert.ok(message.content[0].text.endsWith(model))
    })

    test('a stream that breaks', async () => {
      for (const breaks of ['cut-after=2', 'truncate-after=2', 'error-after=2']) {
        const stream = client.messages.stream(ask(`[[fake:words=9,${breaks}]]`))
        let text = ''
        stream.on('text', (piece) => { text += piece })
        await assert.rejects(stream.finalMessage(), (e) => e instanceof Anthropic.APIError && /PROVIDER_/.test(e.message))
        assert.equal(text, 'word1 word2 ', 'what came before it stands')
      }
    })

    test('leaving in the middle', async () => {
      const controller = new AbortController()
      const stream = await client.messages.create(ask('[[fake:words=9,hang-after=2]] abort', { stream: true }), { signal: controller.signal })
      let text = ''
      for await (const event of stream) {
        if (event.type === 'content_block_delta') text += event.delta.text
        if (text.endsWith('word2 ')) controller.abort()
      }
      assert.equal(text, 'word1 word2 ')
      const waiting = new AbortController()
      setTimeout(() => waiting.abort(), 500)
      await assert.rejects(
        client.messages.create(ask('[[fake:words=9,hang-after=2]] abort'), { signal: waiting.signal }),
        Anthropic.APIUserAbortError,
      )
    })
  })
}

describe('@anthropic-ai/sdk is refused', () => {
  const [model] = models
  const failed = (client, change) =>
    client.messages.create({ model, max_tokens: 20, messages: [{ role: 'user', content: 'Hello.' }], ...change })
      .then(() => assert.fail('it was answered'), (e) => e)

  test('by its token', async () => {
    const unknown = await failed(connect('atr_none'))
    assert.ok(unknown instanceof Anthropic.AuthenticationError)
    assert.equal(unknown.type, 'authentication_error')
    const narrow = await failed(connect(chatToken))
    assert.ok(narrow instanceof Anthropic.PermissionDeniedError)
    assert.equal(narrow.type, 'permission_error')
    const bearer = new Anthropic({ baseURL: `${base}/api/ai/anthropic`, apiKey: null, authToken: token, maxRetries: 0 })
    const answered = await bearer.messages.create({ model, max_tokens: 20, messages: [{ role: 'user', content: 'Hello.' }] })
    assert.equal(answered.content[0].text, 'You said: Hello.', 'a bearer token is as good')
  })

  test('by its plan, and does not try again', async () => {
    const start = Date.now()
    const poor = await failed(connect(poorToken, { maxRetries: 5 }))
    assert.ok(poor instanceof Anthropic.RateLimitError)
    assert.equal(poor.type, 'rate_limit_error')
    assert.ok(Date.now() - start < 2000)
  })

  test('for what it asks', async () => {
    const missing = await failed(client, { model: 'claude-99' })
    assert.ok(missing instanceof Anthropic.NotFoundError)
    assert.equal(missing.type, 'not_found_error')
    await assert.rejects(client.models.retrieve('claude-99'), Anthropic.NotFoundError)
    for (const change of [
      { max_tokens: 0 },
      { messages: [] },
      { messages: [{ role: 'system', content: 'x' }] },
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/x.png' } }] }] },
    ]) {
      const refused = await failed(client, change)
      assert.ok(refused instanceof Anthropic.BadRequestError, JSON.stringify(change))
      assert.equal(refused.type, 'invalid_request_error')
    }
    await assert.rejects(client.beta.files.list(), Anthropic.NotFoundError, 'what is not here says so in the format')
  })
})
