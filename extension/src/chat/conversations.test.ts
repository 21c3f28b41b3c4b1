import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Client } from '../platform/client.ts';
import { Conversations } from './conversations.ts';
import type { Message } from './types.ts';

const server = createServer();
afterEach(() => {
  server.removeAllListeners('request');
  server.closeAllConnections();
  server.close();
});

async function conversations() {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new Client({ url: `http://127.0.0.1:${port}`, token: 't' });
  return new Conversations(client, async () => {});
}

function event(response: ServerResponse, id: number, name: string, data: unknown) {
  response.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

const message = (id: string, status = 'streaming'): Message => ({
  id,
  role: 'assistant',
  content: '',
  status,
});

function listener() {
  const heard: string[] = [];
  return {
    heard,
    started: (_: Message, answer: Message) => heard.push(`start ${answer.id}`),
    text: (piece: string) => heard.push(piece),
    ended: (answer: Message) => heard.push(answer.status),
  };
}

test('an answer goes on where the connection broke', async () => {
  const asked: string[] = [];
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['last-event-id'] ?? ''}`);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    if (request.method === 'POST') {
      event(response, 1, 'start', { userMessage: message('q'), assistantMessage: message('a') });
      event(response, 2, 'delta', { text: 'one ' });
      setTimeout(() => response.destroy(), 20);
      return;
    }
    event(response, 3, 'delta', { text: 'two' });
    event(response, 4, 'done', { message: message('a', 'complete') });
    response.end();
  });
  const told = listener();
  await (await conversations()).ask('c', 'why?', told, {});
  expect(told.heard).toEqual(['start a', 'one ', 'two', 'complete']);
  expect(asked).toEqual([
    'POST /api/chat/conversations/c/messages ',
    'GET /api/chat/messages/a/stream 2',
  ]);
});

test('a question that was refused is not asked again', async () => {
  let asked = 0;
  server.on('request', (_, response) => {
    asked++;
    response.writeHead(429, { 'Content-Type': 'application/json' });
    response.end('{"error":{"reason":"QUOTA_EXCEEDED","message":"Used up."}}');
  });
  const call = (await conversations()).ask('c', 'why?', listener(), {});
  await expect(call).rejects.toMatchObject({ trouble: 'quota' });
  expect(asked).toBe(1);
});

test('an answer that ended in an error says so', async () => {
  server.on('request', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    event(response, 1, 'start', { userMessage: message('q'), assistantMessage: message('a') });
    event(response, 2, 'error', { error: { reason: 'X' }, message: message('a', 'error') });
    response.end();
  });
  const told = listener();
  await (await conversations()).ask('c', 'why?', told, {});
  expect(told.heard).toEqual(['start a', 'error']);
});
