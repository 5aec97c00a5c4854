import { describe, expect, it } from 'vitest';

import { ROW, dayAt, lay, rowAt, slice, topOf } from '../src/state/layout';
import { rowOf } from '../src/state/rows';
import { item } from './fake/agent';

const HEADING = ROW / 2;
const noon = new Date(2026, 10, 22, 12, 0).getTime();
const on = (id: number, daysAgo: number) => rowOf(item(id, { created_at: new Date(noon - daysAgo * 86_400_000).toISOString() }));

describe('where rows lie', () => {
  it('puts a heading where another day begins, but for the first', () => {
    const layout = lay([on(4, 0), on(3, 0), on(2, 1), on(1, 2)]);
    expect(layout.days.map(({ heading, from, to }) => [heading, from, to])).toEqual([
      [false, 0, 2],
      [true, 2, 3],
      [true, 3, 4],
    ]);
    expect(layout.height).toBe(2 * HEADING + 4 * ROW);
    expect([0, 1, 2, 3].map((index) => topOf(layout, index))).toEqual([0, ROW, 2 * ROW + HEADING, 3 * ROW + 2 * HEADING]);
  });

  it('is told by height as by number', () => {
    const layout = lay([on(4, 0), on(3, 0), on(2, 1), on(1, 2)]);
    for (const index of [0, 1, 2, 3]) {
      expect(rowAt(layout, topOf(layout, index))).toBe(index);
      expect(rowAt(layout, topOf(layout, index) + ROW - 1)).toBe(index);
    }
    expect(dayAt(layout, 2 * ROW)).toBe(1);
    expect(rowAt(lay([]), 100)).toBe(0);
  });

  it('keeps keys apart where a late arrival opens a day again', () => {
    const keys = lay([on(4, 0), on(3, 1), on(2, 0)]).days.map((day) => day.key);
    expect(new Set(keys).size).toBe(3);
  });

  it('grows with the text', () => {
    const layout = lay([on(2, 0), on(1, 1)], 2 * ROW);
    expect(layout.height).toBe(4 * ROW + ROW);
  });
});

describe('what is drawn', () => {
  const days = 100;
  const rows = Array.from({ length: 100_000 }, (_, at) => on(100_000 - at, Math.floor(at / (100_000 / days))));

  it('is of a hundred thousand rows those on screen', () => {
    const layout = lay(rows);
    const parts = slice(layout, topOf(layout, 50_500), topOf(layout, 50_500) + 640);
    expect(parts.map(({ from, to }) => [from, to])).toEqual([[50_500, 50_510]]);
    expect(slice(layout, layout.height, layout.height + 640)).toEqual([]);
    expect(slice(layout, -ROW, 1).map(({ from, to }) => [from, to])).toEqual([[0, 1]]);
  });

  it('is both days where one begins on screen', () => {
    const layout = lay(rows);
    const top = topOf(layout, 999);
    expect(slice(layout, top, top + 3 * ROW).map(({ from, to }) => [from, to])).toEqual([[999, 1_000], [1_000, 1_002]]);
  });

  it('is the heading alone where only that is on screen', () => {
    const layout = lay([on(2, 0), on(1, 1)]);
    expect(slice(layout, 0, ROW + HEADING).map(({ from, to }) => [from, to])).toEqual([[0, 1], [1, 1]]);
  });
});
