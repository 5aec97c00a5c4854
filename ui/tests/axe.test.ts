/**
 * What axe finds in the markup of every page. Colours and sizes need a real engine: tests/contrast.test.ts counts the
 * colours, and the end-to-end tests run axe in the window.
 */
import axe from 'axe-core';
import { expect, it } from 'vitest';

import { scenes } from './fake/scenes';
import { find, open, query } from './app';

const rules = { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } };

/** A scene, what shows that it is there, and what is pressed in it. */
const pages: [string, string, string[]][] = [
  ['inbox', 'connection-line', []],
  ['connection', 'connection-line', ['nav-connection']],
  ['connection-trouble', 'connection-line', ['nav-connection']],
  ['settings', 'connection-line', ['nav-settings']],
  ['settings-full', 'connection-line', ['nav-settings', 'settings-notifications']],
  ['settings-locked', 'connection-line', ['nav-settings', 'settings-general']],
  ['settings-full', 'connection-line', ['nav-settings', 'settings-advanced']],
  ['signed-out', 'sign-in', []],
  ['sign-in-locked', 'sign-in', []],
  ['sign-in-gotify', 'sign-in', ['proof-token']],
  ['sign-in-ntfy', 'sign-in', []],
  ['sign-in-move', 'move-in', []],
  ['kinds', 'connection-line', ['nav-settings']],
  ['kinds-file', 'attachment', []],
  ['kinds-paused', 'connection-line', ['nav-connection']],
  ['down', 'agent-down', []],
  ['notices', 'connection-line', []],
];

it.each(pages)('finds nothing in %s (%s, %j)', async (scene, sign, presses) => {
  const user = await open(scenes[scene]!(), sign);
  for (const id of presses) await user.click(await find(id));
  for (const closed of document.querySelectorAll('details')) closed.open = true;
  const { violations } = await axe.run(document, { rules });
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  // the page's own title and language are the window's
  expect(found.filter((each) => !/^(document-title|html-has-lang)/.test(each))).toEqual([]);
});

it('finds what is wrong', async () => {
  await open(scenes['inbox']!());
  expect(query('connection-line')).not.toBeNull();
  document.querySelector('main')!.innerHTML = '<img src="x"><input>';
  const { violations } = await axe.run(document, { rules });
  expect(violations.map(({ id }) => id)).toEqual(expect.arrayContaining(['image-alt', 'label']));
});
