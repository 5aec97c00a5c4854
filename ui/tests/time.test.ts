import { describe, expect, it } from 'vitest';

import { day, seconds, short, until } from '../src/words/time';

const now = new Date(2026, 10, 22, 14, 2, 30).getTime();
const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

describe('a time in the list', () => {
  it('is relative up to an hour', () => {
    expect(short(at(2026, 10, 22, 14, 2), now)).toBe('now');
    expect(short(at(2026, 10, 22, 13, 58), now)).toBe('4 min');
    expect(short(at(2026, 10, 22, 13, 3), now)).toBe('59 min');
  });

  it('is a clock time up to yesterday', () => {
    expect(short(at(2026, 10, 22, 9, 5), now)).toBe('09:05');
    expect(short(at(2026, 10, 21, 0, 1), now)).toBe('00:01');
  });

  it('is a date before that, with its year where it is another', () => {
    expect(short(at(2026, 10, 20, 23, 59), now)).toBe('20 Nov');
    expect(short(at(2025, 10, 22, 14, 0), now)).toBe('22 Nov 2025');
  });

  it('is "now" where the server’s clock is ahead', () => {
    expect(short(at(2026, 10, 22, 14, 5), now)).toBe('now');
  });
});

it('names days', () => {
  expect(day(at(2026, 10, 22, 0, 0), now)).toBe('Today');
  expect(day(at(2026, 10, 21, 23, 59), now)).toBe('Yesterday');
  expect(day(at(2026, 10, 18, 12, 0), now)).toMatch(/^Wednesday/);
  expect(day(at(2025, 10, 18, 12, 0), now)).toBe('18 Nov 2025');
});

it('counts down in whole seconds and reaches zero when the time has come', () => {
  const due = new Date(now + 2_400).toISOString();
  expect([0, 399, 400, 1_400, 2_399, 2_400, 9_000].map((passed) => until(due, now + passed))).toEqual([
    3, 3, 2, 1, 1, 0, 0,
  ]);
});

it('says long waits in minutes', () => {
  const plain = (count: number) => seconds(count).replaceAll('\u00a0', ' ');
  expect([0, 12, 60, 65].map(plain)).toEqual(['0 s', '12 s', '1 min', '1 min 5 s']);
});
