/** What there is to look at in the inbox: notifications of all kinds, and one of them open. */
import type { Item } from '../../src/bindings/Item';
import { FakeAgent, account, ago, item, usual } from './agent';

const report = `The nightly run found **2 problems** in \`engine\`. Both are in code that was touched *yesterday*.

## What failed

1. \`keepalive::closes_after_silence\` – the deadline was drawn twice
2. \`resume::asks_for_the_gap\` – see [the log](https://ci.example.com/4812/log?step=test)

- [x] reported to the team
- [ ] mended

| crate | tests | failed |
| --- | --- | --- |
| engine | 214 | 2 |
| inbox | 96 | 0 |

\`\`\`
thread 'keepalive::closes_after_silence' panicked at crates/engine/src/machine/keepalive.rs:118:9
\`\`\`

> A test that cannot fail is worse than none.

![The last thirty runs](https://ci.example.com/4812/trend.png)

<b>This</b> is text, whatever it looks like.`;

export const rich: Item[] = [
  item(20, {
    title: 'main: nightly run failed',
    body: report,
    priority: 'high',
    topic: 'builds',
    tags: ['rotating_light', 'nightly', 'engine'],
    icon_url: 'https://ci.example.com/icon.png',
    click_url: 'https://ci.example.com/4812',
    actions: [
      { id: 'log', label: 'Read the log', url: 'https://ci.example.com/4812/log', method: null, copy: null },
      { id: 'again', label: 'Run again', url: 'https://ci.example.com/api/4812/retry', method: 'POST', copy: null },
    ],
    created_at: ago(40),
  }),
  item(19, { title: 'Somebody is at the door', body: '', account: 'a2', topic: 'door', tags: ['bell'], priority: 'urgent', created_at: ago(300) }),
  item(18, { title: 'Backup finished', body: '212 GB in 18 min, verified.', topic: 'ops', tags: ['white_check_mark'], priority: 'low', created_at: ago(1800), disposition: 'low_priority' }),
  item(17, { title: 'Water the plants', body: 'The basil first.', account: 'a2', kept: true, read: true, created_at: ago(3 * 3600), disposition: 'quiet_hours' }),
  item(16, { title: 'Deploy of web 2.31 is live', body: 'All 6 regions.', topic: 'a-topic-with-a-name-that-is-rather-long', read: true, created_at: ago(6 * 3600), disposition: 'do_not_disturb' }),
  item(15, { title: 'Washing machine is done', body: '', account: 'a2', topic: 'house', read: true, created_at: ago(26 * 3600), disposition: 'summarized' }),
  item(14, { title: 'Invoice 2026-118 was paid', body: 'EUR 1 240,00 from Hartmann & Söhne', kept: true, read: true, created_at: ago(28 * 3600) }),
  item(13, { title: '', body: 'A message without a title, which says all it has to say in its body and takes a while for it.', read: true, created_at: ago(3 * 86400) }),
];

const accounts = [account(), account({ id: 'a2', name: 'Home', server: 'https://push.home.example', colour: 'teal' })];

function shown(fake: FakeAgent, id: number): FakeAgent {
  const { hear } = fake;
  fake.hear = async (listener) => {
    await hear.call(fake, listener);
    listener({ event: 'show', value: { item: id } });
  };
  return fake;
}

const all = () => new FakeAgent({ accounts }, rich);

export const inboxScenes: Record<string, () => FakeAgent> = {
  letters: all,
  portuguese: () => new FakeAgent({ accounts, settings: { ...usual, language: 'pt-BR' } }, rich),
  open: () => shown(all(), 20),
  'open-portuguese': () => shown(new FakeAgent({ accounts, settings: { ...usual, language: 'pt-BR' } }, rich), 20),
  'open-short': () => shown(all(), 17),
  pictures: () => shown(new FakeAgent({ accounts: accounts.map((one) => ({ ...one, pictures: true })) }, rich), 20),
  'no-picture': () => {
    const fake = shown(new FakeAgent({ accounts: accounts.map((one) => ({ ...one, pictures: true })) }, rich), 20);
    fake.pictures = '';
    return fake;
  },
  'hundred-thousand': () =>
    new FakeAgent(
      {},
      Array.from({ length: 100_000 }, (_, at) =>
        item(100_000 - at, { read: at > 130, created_at: ago(at * 400), title: `Reading ${100_000 - at}`, topic: at % 3 ? null : 'sensors' }),
      ),
    ),
};
