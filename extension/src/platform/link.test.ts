import { expect, test } from 'vitest';
import { Link } from './link.ts';
import { Problem } from './problem.ts';

function linkAt() {
  const time = { now: 0 };
  return { time, link: new Link(() => time.now) };
}

test('a platform that is away is left alone for longer and longer', () => {
  const { time, link } = linkAt();
  const pauses = [];
  for (let n = 0; n < 8; n++) {
    link.failed(new Problem('offline', 'away'));
    expect(link.open).toBe(false);
    const { until } = link.state as { until: number };
    pauses.push((until - time.now) / 1000);
    time.now = until;
    expect(link.open).toBe(true);
  }
  expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  link.succeeded();
  expect(link.state).toEqual({ is: 'online' });
});

test('the platform’s own word on when to come again holds', () => {
  const { link } = linkAt();
  link.failed(new Problem('busy', 'slow down', 'RATE_LIMITED', new Date(30_000)));
  expect(link.state).toMatchObject({ is: 'busy', until: 30_000 });
});

test('a quota may be raised before its end', () => {
  const { link } = linkAt();
  link.failed(new Problem('quota', 'used up', 'QUOTA_EXCEEDED', new Date(1e12)));
  expect(link.state).toMatchObject({ is: 'quota', until: 600_000 });
});

test('one refused call closes nothing, and listeners hear of changes only', () => {
  const { link } = linkAt();
  const heard: string[] = [];
  link.onChange((state) => heard.push(state.is));
  link.failed(new Problem('refused', 'bad input'));
  link.failed(new Error('a fault of ours'));
  link.succeeded();
  expect(link.open).toBe(true);
  expect(heard).toEqual([]);
  link.failed(new Problem('offline', 'away'));
  link.succeeded();
  expect(heard).toEqual(['offline', 'online']);
});
