import { describe, expect, it } from 'vitest';

import type { Spell } from '../src/bindings/Spell';
import { figuresOf, linesOf } from '../src/state/round-trips';
import { DAY_MS, interruptionsOf, runsOf, stretchesOf, totalsOf } from '../src/state/timeline';

const now = Date.parse('2026-11-22T14:00:00Z');
const HOUR = 3_600_000;
const at = (hours: number) => new Date(now - hours * HOUR).toISOString();
const spell = (hours: number, state: Spell['state'], cause: Spell['cause'] = null): Spell => ({ from: at(hours), state, cause });

const day = [
  spell(30, 'connected'),
  spell(6, 'disconnected', 'unreachable'),
  spell(5.5, 'connecting'),
  spell(5.4, 'disconnected', 'server_busy'),
  spell(5, 'connected'),
  spell(3, null),
  spell(2, 'connecting'),
  spell(1.9, 'disconnected', 'offline'),
  spell(1, 'connected'),
];

describe('a day', () => {
  it('is told from 24 hours ago until now, and adds up', () => {
    const stretches = stretchesOf(day, now);
    expect(stretches[0]?.from).toBe(now - DAY_MS);
    expect(stretches.at(-1)?.to).toBe(now);
    const total = totalsOf(stretches).reduce((sum, [, ms]) => sum + ms, 0);
    expect(total).toBe(DAY_MS);
    expect(totalsOf(stretches)[0]).toEqual(['connected', 21 * HOUR]);
  });

  it('says nothing of what was before anything was known', () => {
    expect(stretchesOf([], now)).toEqual([]);
    expect(totalsOf(stretchesOf([spell(1, 'connected')], now))).toEqual([['connected', HOUR]]);
  });

  it('counts attempts into the interruption that they belong to, by its first reason', () => {
    const found = interruptionsOf(stretchesOf(day, now));
    expect(found.map(({ kind, cause, from, to }) => [kind, cause, (to - from) / HOUR])).toEqual([
      ['down', 'unreachable', 1],
      ['away', null, 1],
      ['offline', 'offline', 1],
    ]);
  });

  it('is not interrupted by what leads to the first connection, however little else is told as no time', () => {
    const first = stretchesOf([spell(1, 'connecting'), spell(1 - 0.0001, 'connected')], now);
    expect(interruptionsOf(first)).toEqual([]);
    expect(totalsOf(first).map(([kind]) => kind)).toEqual(['connected']);
    expect(interruptionsOf(stretchesOf([spell(1, 'connecting')], now))).toEqual([]);
    const refused = [spell(1, 'connecting'), spell(0.9, 'disconnected', 'unreachable'), spell(0.5, 'connected')];
    expect(interruptionsOf(stretchesOf(refused, now))).toHaveLength(1);
  });

  it('is drawn without gaps or overlaps', () => {
    const runs = runsOf(stretchesOf(day, now), now, 480);
    let x = 0;
    for (const run of runs) {
      expect(run.x).toBe(x);
      x += run.width;
    }
    expect(x).toBe(480);
  });

  it('shows the shortest interruption, wherever it falls', () => {
    for (const hours of [23.99, 12, 0.001]) {
      const short = [spell(30, 'connected'), spell(hours, 'disconnected', 'restarting'), spell(hours - 0.0005, 'connected')];
      const runs = runsOf(stretchesOf(short, now), now, 300);
      const down = runs.find(({ kind }) => kind === 'down');
      expect(down?.width, String(hours)).toBeGreaterThanOrEqual(2);
      expect((down?.x ?? 0) + (down?.width ?? 0)).toBeLessThanOrEqual(300);
      expect(down?.longest.cause).toBe('restarting');
    }
  });

  it('that flaps thousands of times is drawn with no more than a run a pixel', () => {
    const flaps = Array.from({ length: 20_000 }, (_, step) => spell(24 - step / 1000, step % 2 ? 'connected' : 'disconnected', 'unreachable'));
    const runs = runsOf(stretchesOf(flaps, now), now, 300);
    expect(runs.length).toBeLessThanOrEqual(300);
    expect(runs[0]).toMatchObject({ kind: 'down', x: 0 });
  });
});

describe('round trips', () => {
  it('have a median that one slow answer does not move', () => {
    const trips = [10, 12, 900, 11].map((ms, step) => ({ ms, at: at(4 - step) }));
    expect(figuresOf(trips)).toEqual({ latest: 11, median: 11.5, longest: 900 });
    expect(figuresOf([])).toBeNull();
  });

  it('are a line that ends where nothing was measured for a while', () => {
    const trips = [6, 5.95, 5.9, 2, 1.95].map((hours) => ({ ms: 10, at: at(hours) }));
    expect(linesOf(trips, now, 240, 20)).toHaveLength(2);
    expect(linesOf(trips.slice(0, 1), now, 240, 20)).toEqual(['180.0,0.0 180.0,0.0']);
  });
});
