/**
 * A day of a connection: what was told as spells becomes stretches of a few kinds, and those become what is drawn. The
 * worst of what happened within one pixel is what that pixel shows, so that no interruption is too short to be seen.
 */
import type { CauseKind } from '../bindings/CauseKind';
import type { Spell } from '../bindings/Spell';

export const DAY_MS = 24 * 3_600_000;

/** From the best to the worst. */
export const kinds = ['connected', 'connecting', 'away', 'offline', 'down'] as const;
export type Kind = (typeof kinds)[number];

export interface Stretch {
  kind: Kind;
  from: number;
  to: number;
  cause: CauseKind | null;
}

/** A run of pixels that look alike, and the longest stretch in it. */
export interface Run {
  kind: Kind;
  x: number;
  width: number;
  longest: Stretch;
}

/** What is shorter would be told as no time at all. */
const TOLD_MS = 500;

/** The narrowest that something is drawn, in pixels. */
const SEEN = 2;

function kindOf({ state, cause }: Spell): Kind {
  if (state === null) return 'away';
  if (state === 'connected') return 'connected';
  if (state !== 'disconnected') return 'connecting';
  return cause === 'offline' ? 'offline' : 'down';
}

/** The last 24 hours, oldest first. What was before the first spell is not known, and not told. */
export function stretchesOf(history: Spell[], now: number): Stretch[] {
  const begin = now - DAY_MS;
  return history.flatMap((spell, at) => {
    const from = Math.max(begin, Date.parse(spell.from));
    const next = history[at + 1];
    const to = Math.min(now, next ? Date.parse(next.from) : now);
    return to > from ? [{ kind: kindOf(spell), from, to, cause: spell.cause }] : [];
  });
}

/** How long it was each of them, the best first, without those that it was for no second. */
export function totalsOf(stretches: Stretch[]): [Kind, number][] {
  const total = (kind: Kind) =>
    stretches.filter((one) => one.kind === kind).reduce((sum, { from, to }) => sum + to - from, 0);
  return kinds.map((kind): [Kind, number] => [kind, total(kind)]).filter(([, ms]) => ms >= TOLD_MS);
}

/** The times without a connection: attempts in between belong to them, and their first reason is the one that counts. */
export function interruptionsOf(stretches: Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  for (const [at, stretch] of stretches.entries()) {
    if (stretch.kind === 'connected') continue;
    // what leads to the first connection interrupts nothing
    if (at === 0 && stretch.kind === 'connecting' && (stretches[1]?.kind ?? 'connected') === 'connected') continue;
    const before = found.at(-1);
    const goesOn = before?.to === stretch.from && (before.kind === 'away') === (stretch.kind === 'away');
    if (!before || !goesOn) found.push({ ...stretch });
    else {
      before.to = stretch.to;
      before.kind = worse(before.kind, stretch.kind);
      before.cause ??= stretch.cause;
    }
  }
  return found;
}

/** What is drawn on so many pixels. */
export function runsOf(stretches: Stretch[], now: number, width: number): Run[] {
  const columns: (Stretch | undefined)[] = Array.from({ length: Math.max(1, Math.floor(width)) });
  const at = (time: number) => ((time - now + DAY_MS) / DAY_MS) * columns.length;
  for (const stretch of stretches) {
    const first = Math.min(Math.floor(at(stretch.from)), columns.length - SEEN);
    const least = stretch.kind === 'connected' ? 0 : SEEN;
    const end = Math.max(Math.ceil(at(stretch.to)), first + least);
    for (let x = Math.max(0, first); x < end && x < columns.length; x++) {
      const there = columns[x];
      if (!there || worse(there.kind, stretch.kind) === stretch.kind) columns[x] = stretch;
    }
  }
  const runs: Run[] = [];
  columns.forEach((stretch, x) => {
    if (!stretch) return;
    const run = runs.at(-1);
    if (run?.kind !== stretch.kind || run.x + run.width !== x) {
      runs.push({ kind: stretch.kind, x, width: 1, longest: stretch });
      return;
    }
    run.width += 1;
    if (stretch.to - stretch.from > run.longest.to - run.longest.from) run.longest = stretch;
  });
  return runs;
}

const worse = (a: Kind, b: Kind): Kind => (kinds.indexOf(a) >= kinds.indexOf(b) ? a : b);
