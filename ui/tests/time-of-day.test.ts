import { expect, it } from 'vitest';

import { clockOf, endOf, weekFrom } from '../src/state/time-of-day';

it.each([
  ['22:00', '22:00'],
  ['7', '07:00'],
  ['730', '07:30'],
  ['7.30', '07:30'],
  ['22h', '22:00'],
  ['22h30', '22:30'],
  [' 10 pm', '22:00'],
  ['12 am', '00:00'],
  ['12:15 p.m.', '12:15'],
  ['24:00', null],
  ['12:60', null],
  ['13 pm', null],
  ['', null],
  ['late', null],
])('reads %j as %j', (typed, clock) => expect(clockOf(typed)).toBe(clock));

it('tells how a span ends', () => {
  const end = (from: string, until: string) => endOf({ days: [], from, until });
  expect([end('22:00', '07:00'), end('12:00', '13:00'), end('08:00', '08:00')]).toEqual([
    'next_day',
    'same_day',
    'whole_day',
  ]);
});

it('begins the week where its place does', () => {
  expect(weekFrom(1)[0]).toBe('monday');
  expect(weekFrom(7).slice(0, 2)).toEqual(['sunday', 'monday']);
});
