/** The tokens' contrast, counted as WCAG 2.2 does: text 4.5:1, parts and marks 3:1, in both themes and with more contrast. */
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

type Theme = 'light' | 'dark';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const usual = css.slice(0, css.indexOf('@media'));
const more = usual + css.slice(css.indexOf('@media (prefers-contrast: more)'), css.indexOf('@media (forced-colors'));

/** The last value that a role is given, for one theme. */
function value(from: string, role: string, theme: Theme): number[] {
  const found = [...from.matchAll(new RegExp(`--${role}: ([^;]+);`, 'g'))].at(-1)?.[1] ?? '';
  const named = /^var\(--([a-z-]+)\)$/.exec(found)?.[1];
  if (named) return value(from, named, theme);
  const pair = [...found.matchAll(/oklch\(([^)]+)\)/g)].map((colour) => colour[1]!.split(' ').map(Number));
  const chosen = theme === 'light' ? pair[0] : pair[1];
  if (!chosen || chosen.length !== 3) throw new Error(`--${role} has no opaque light and dark value`);
  return chosen;
}

/** Relative luminance of an OKLCH colour, cut to what sRGB can show. */
function luminance([light = 0, chroma = 0, hue = 0]: number[]): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (part: number) => Math.min(1, Math.max(0, part));
  const red = cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(from: string, over: string, under: string, theme: Theme): number {
  const [dark, light] = [over, under].map((role) => luminance(value(from, role, theme))).sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

const grounds = ['surface', 'raised', 'sunken'];
const on = (roles: string[], under: string[]) => roles.flatMap((over) => under.map((ground) => [over, ground] as const));
const texts = [
  ...on(['text', 'muted', 'accent-strong', 'bad'], grounds),
  ...on(['text', 'accent-strong'], ['accent-soft']),
  ['on-accent', 'accent'] as const,
  ['on-accent', 'accent-strong'] as const,
  ['bad', 'bad-soft'] as const,
];
const colours = ['brass', 'rose', 'violet', 'blue', 'teal', 'green'].map((name) => `account-${name}`);
const marks = [
  ...on(['accent', 'edge', 'good', 'warn', 'bad'], grounds),
  ...on(colours, grounds),
  ['accent', 'accent-soft'] as const,
];

describe.each([
  ['the tokens', usual],
  ['the tokens with more contrast', more],
])('%s', (_, from) => {
  it.each(['light', 'dark'] as const)('let text be read: %s', (theme) => {
    const faint = texts.filter(([over, under]) => contrast(from, over, under, theme) < 4.5);
    expect(faint.map(([over, under]) => `${over} on ${under}: ${contrast(from, over, under, theme).toFixed(2)}`)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('let marks, edges and the focus be seen: %s', (theme) => {
    const faint = marks.filter(([over, under]) => contrast(from, over, under, theme) < 3);
    expect(faint.map(([over, under]) => `${over} on ${under}: ${contrast(from, over, under, theme).toFixed(2)}`)).toEqual([]);
  });
});

it('counts as the standard does', () => {
  expect(luminance([1, 0, 0])).toBeCloseTo(1, 3);
  expect(luminance([0, 0, 0])).toBeCloseTo(0, 3);
  // #777 on white
  expect(1.05 / (luminance([0.5693, 0, 0]) + 0.05)).toBeCloseTo(4.48, 1);
});
