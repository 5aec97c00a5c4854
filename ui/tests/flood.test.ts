/** Very many at once: taken in together, and out of the way of whoever reads. */
import { waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { FakeAgent, item } from './fake/agent';
import { find, get, open, rows } from './app';
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

it('leaves what is read further down where it is, and does not draw it anew', async () => {
  const fake = new FakeAgent({}, Array.from({ length: 200 }, (_, at) => item(200 - at)));
  await open(fake);
  const box = await find('inbox');
  const height = 64;
  box.scrollTop = 20 * height + 10;
  box.dispatchEvent(new Event('scroll'));
  await waitFor(() => expect(document.querySelector('[data-item-id="180"]')).not.toBeNull());
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
