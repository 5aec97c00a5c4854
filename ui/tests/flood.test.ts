/** Very many at once: taken in together, and out of the way of whoever reads. */
import { waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { FakeAgent, item } from './fake/agent';
import { find, get, ids, open, rows } from './app';
import { Gathering } from '../src/state/gathering';

describe('what comes in one by one', () => {
  afterEach(() => vi.useRealTimers());

  it('is handed on at once, those in its wake together, in order, until nothing more comes', () => {
    vi.useFakeTimers();
    const given: number[][] = [];
    const gathering = new Gathering<number>((numbers) => given.push(numbers));
    gathering.add(1);
    expect(given).toEqual([[1]]);
    for (let number = 2; number <= 1000; number++) gathering.add(number);
    expect(given).toHaveLength(1);
    vi.advanceTimersToNextTimer();
    expect(given).toHaveLength(2);
    expect(given.flat()).toEqual(Array.from({ length: 1000 }, (_, at) => at + 1));
    vi.runAllTimers();
    expect(given).toHaveLength(2);
    gathering.add(1001);
    expect(given[2]).toEqual([1001]);
  });

  it('is handed on before what has to come after it', () => {
    vi.useFakeTimers();
    const given: number[][] = [];
    const gathering = new Gathering<number>((numbers) => given.push(numbers));
    for (const number of [1, 2, 3]) gathering.add(number);
    gathering.flush();
    expect(given).toEqual([[1], [2, 3]]);
  });
});

it('draws what is seen of very many first, and what is beyond the edge when that is on screen', async () => {
  const fake = new FakeAgent({}, [item(1)]);
  await open(fake);
  await waitFor(() => expect(rows()).toHaveLength(1));
  const drawn: number[] = [];
  const watch = new MutationObserver(() => drawn.push(rows().length));
  watch.observe(await find('inbox'), { childList: true, subtree: true });
  for (let id = 2; id <= 300; id++) fake.tell({ event: 'notification', value: item(id) });
  // a page of no known height is taken for 720 pixels: twelve rows and what sticks out of them, and five more beyond
  await waitFor(() => expect(drawn.at(-1)).toBeGreaterThan(16));
  expect(drawn.find((count) => count > 5)).toBeLessThan(14);
  watch.disconnect();
});

it('leaves what is read further down where it is, and does not draw it anew', async () => {
  const fake = new FakeAgent({}, Array.from({ length: 200 }, (_, at) => item(200 - at)));
  await open(fake);
  const box = await find('inbox');
  const height = 64;
  box.scrollTop = 20 * height + 10;
  box.dispatchEvent(new Event('scroll'));
  // with what is beyond the edge
  await waitFor(() => expect(ids()[0]).toBe(185));
  const seen = rows();
  const drawn: Node[] = [];
  const watch = new MutationObserver((changes) => drawn.push(...changes.flatMap((change) => [...change.addedNodes])));
  watch.observe(box, { childList: true, subtree: true });
  for (let id = 201; id <= 500; id++) fake.tell({ event: 'notification', value: item(id) });
  await waitFor(() => expect(get('fresh').textContent).toContain('300'));
  expect(box.scrollTop).toBe(320 * height + 10);
  expect(rows()).toEqual(seen);
  watch.disconnect();
  expect(drawn.filter((node) => node instanceof HTMLElement && node.dataset['testid'] === 'inbox-row')).toEqual([]);
});
