import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { addressFrom, Client, isAbort } from './client.ts';
import { Problem } from './problem.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<Client> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new Client({ url: `http://127.0.0.1:${port}`, token: 'atr_test' });
}

const failure = (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error as Problem,
  );

test('a call carries the token and gives the answer', async () => {
  const client = await serve((request, response) => {
    expect(request.headers.authorization).toBe('Bearer atr_test');
    request.on('data', (body) => response.end(JSON.stringify({ got: JSON.parse(body).code })));
  });
  expect(await client.post('/x', { code: 'a' })).toEqual({ got: 'a' });
});

test('the quota is told apart, with its end', async () => {
  const client = await serve((_, response) => {
    response.writeHead(429, { 'Content-Type': 'application/json' });
    response.end(
      '{"error":{"reason":"QUOTA_EXCEEDED","message":"Used up.","metadata":{"resetsAt":"2026-12-01T00:00:00Z"}}}',
    );
  });
  const problem = await failure(client.post('/x', {}));
  expect(problem).toMatchObject({ trouble: 'quota', message: 'Used up.' });
  expect(problem.retryAt?.toISOString()).toBe('2026-12-01T00:00:00.000Z');
});

test('a platform that is away is offline, whoever says so', async () => {
  const client = await serve((_, response) => response.writeHead(502).end('<html>'));
  expect(await failure(client.get('/x'))).toMatchObject({ trouble: 'offline' });
  const nobody = new Client({ url: 'http://127.0.0.1:1', token: 't' });
  const problem = await failure(nobody.get('/x'));
  expect(problem).toMatchObject({ trouble: 'offline' });
  expect(problem.message).not.toContain('127.0.0.1');
});

test('a platform that hangs is offline after a while', async () => {
  const client = await serve(() => {});
  expect(await failure(client.get('/x', { patience: 50 }))).toBeInstanceOf(Problem);
});

test('giving up ends the request', async () => {
  const controller = new AbortController();
  let left: () => void;
  const gone = new Promise<void>((resolve) => {
    left = resolve;
  });
  const client = await serve((request) => {
    request.on('close', () => left());
    controller.abort();
  });
  const error = await failure(client.post('/x', {}, { signal: controller.signal }));
  expect(isAbort(error)).toBe(true);
  await gone;
});

test('a stream gives its events', async () => {
  const client = await serve((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('id: 1\nevent: delta\ndata: {"text":"a"}\n\n: still here\n\n');
    response.end('id: 2\nevent: done\ndata: {}\n\n');
  });
  const events = [];
  for await (const { event, data } of client.stream('POST', '/x', {})) events.push([event, data]);
  expect(events).toEqual([
    ['delta', { text: 'a' }],
    ['done', {}],
  ]);
});

test('without a token there is no address', () => {
  expect(addressFrom({ ATRIUM_URL: 'http://a/' })).toBeUndefined();
  expect(addressFrom({ ATRIUM_URL: 'http://a/', ATRIUM_TOKEN: 't' })).toEqual({
    url: 'http://a',
    token: 't',
  });
});
