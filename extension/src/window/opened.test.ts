import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Openings } from './opened.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('files that are opened together are told at once, by their number alone', async () => {
  const post = vi.fn(async () => ({}) as never);
  const openings = new Openings({ post }, 'w1', () => expect.unreachable());
  openings.add(2);
  openings.add(0);
  openings.add(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(post.mock.calls).toEqual([['/api/ide/workspaces/w1/windows/files', { count: 3 }]]);
  openings.add(5_000);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(post).toHaveBeenLastCalledWith('/api/ide/workspaces/w1/windows/files', { count: 1_000 });
  openings.add(1);
  openings.dispose();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(post).toHaveBeenCalledTimes(2);
});

test('a platform that does not answer keeps nobody from counting on', async () => {
  const reported = vi.fn();
  const post = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue({});
  const openings = new Openings({ post }, 'w1', reported);
  openings.add(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(reported).toHaveBeenCalledOnce();
  openings.add(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(post).toHaveBeenCalledTimes(2);
});
