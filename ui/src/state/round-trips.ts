/** The round trips of a day: figures, and the line that is drawn of them. */
import type { RoundTrip } from '../bindings/RoundTrip';
import { DAY_MS } from './timeline';

export interface Figures {
  latest: number;
  median: number;
  longest: number;
}

/** What is said of them; nothing where nothing was measured. */
export function figuresOf(trips: RoundTrip[]): Figures | null {
  const sorted = trips.map(({ ms }) => ms).sort((a, b) => a - b);
  const latest = trips.at(-1)?.ms;
  const longest = sorted.at(-1);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (latest === undefined || longest === undefined || upper === undefined) return null;
  const median = sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
  return { latest, median, longest };
}

/** Without a measurement for so long, the line ends: they come every few minutes while there is a connection. */
const GAP_MS = 20 * 60_000;

/** The line, in pieces of points; each is at least as long as can be seen. */
export function linesOf(trips: RoundTrip[], now: number, width: number, height: number): string[] {
  const most = Math.max(...trips.map(({ ms }) => ms), 1);
  const pieces: string[][] = [];
  let before = -Infinity;
  for (const { at, ms } of trips) {
    const time = Date.parse(at);
    const x = ((time - now + DAY_MS) / DAY_MS) * width;
    const y = height - (ms / most) * height;
    const point = `${x.toFixed(1)},${y.toFixed(1)}`;
    const piece = pieces.at(-1);
    // a lone one is a dot: a line of no length with round ends
    if (!piece || time - before > GAP_MS) pieces.push([point, point]);
    else piece.push(point);
    before = time;
  }
  return pieces.map((points) => points.join(' '));
}
