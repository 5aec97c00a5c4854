import { expect, it } from 'vitest';

import { HEADER, ROW, lay, slice } from '../src/state/layout';
import { item } from './fake/agent';

const now = new Date(2026, 10, 22, 14, 0).getTime();
const days = (count: number) => new Date(now - count * 86_400_000).toISOString();

it('puts a heading where a day begins', () => {
  const rows = [item(4, { created_at: days(0) }), item(3, { created_at: days(0) }), item(2, { created_at: days(1) })];
  const { entries, height } = lay(rows, now);
  expect(entries.map((entry) => (entry.kind === 'day' ? entry.label : entry.item.id))).toEqual([
    'Today', 4, 3, 'Yesterday', 2,
  ]);
  expect(height).toBe(2 * HEADER + 3 * ROW);
});

it('keeps keys apart where a late arrival opens a day again', () => {
  const rows = [item(4, { created_at: days(0) }), item(3, { created_at: days(1) }), item(2, { created_at: days(0) })];
  const keys = lay(rows, now).entries.map((entry) => entry.key);
  expect(new Set(keys).size).toBe(keys.length);
});

it('draws of ten thousand rows those on screen', () => {
  const rows = Array.from({ length: 10_000 }, (_, at) => item(10_000 - at, { created_at: days(0) }));
  const layout = lay(rows, now);
  const top = HEADER + 5_000 * ROW;
  const seen = slice(layout, top, top + 640);
  expect(seen).toHaveLength(10);
  expect(seen[0]).toMatchObject({ kind: 'row', top, index: 5_000 });
  expect(slice(layout, 0, 1)[0]).toMatchObject({ kind: 'day' });
  expect(slice(layout, layout.height, layout.height + 640)).toEqual([]);
});
