import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Client } from '../platform/client.ts';
import { answerRequests, type Request, type Window } from './requests.ts';

const request: Request = { id: 'r1', path: 'a.py', line: 3, column: 1 };
const ending: (() => void)[] = [];
afterEach(() => {
  for (const end of ending.splice(0)) end();
});

/** A platform with one request, which the first taker gets. */
async function platform(): Promise<{ client: Client; streams: () => number; drop(): void }> {
  let taken = false;
  let streams = 0;
  let open: ServerResponse | undefined;
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST') {
      response.writeHead(taken ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(taken ? '{"error":{"reason":"WINDOW_REQUEST_NOT_FOUND"}}' : '{}');
      taken = true;
      return;
    }
    streams++;
    open = response;
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(`event: show\ndata: ${JSON.stringify(request)}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    client: new Client({ url: `http://127.0.0.1:${port}`, token: 't' }),
    streams: () => streams,
    drop: () => open?.destroy(),
  };
}

function open(client: Client, window: Partial<Window>): Request[] {
  const shown: Request[] = [];
  const controller = new AbortController();
  ending.push(() => controller.abort());
  const whole: Window = {
    focused: () => false,
    alive: async () => true,
    show: async (one) => void shown.push(one),
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / 10)),
    ...window,
  };
  void answerRequests(client, 'w', whole, controller.signal, () => {});
  return shown;
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 300));

test('the window that a person is in shows the file, and no other', async () => {
  const { client } = await platform();
  const others = [open(client, {}), open(client, {})];
  const here = open(client, { focused: () => true });
  await soon();
  expect(here).toEqual([request]);
  expect(others.flat()).toEqual([]);
});

test('a window that nobody is in shows it when there is no other, once', async () => {
  const { client } = await platform();
  const both = [open(client, {}), open(client, {})];
  await soon();
  expect(both.flat()).toEqual([request]);
});

test('a window whose page is gone leaves it to one that is there', async () => {
  const { client } = await platform();
  const gone = open(client, { focused: () => true, alive: async () => false });
  const here = open(client, {});
  await soon();
  expect(gone).toEqual([]);
  expect(here).toEqual([request]);
});

test('a stream that breaks is taken up again', async () => {
  const { client, streams, drop } = await platform();
  open(client, {});
  await soon();
  drop();
  await soon();
  expect(streams()).toBe(2);
});
