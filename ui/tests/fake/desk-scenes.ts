/** Settings, connections and first runs to look at. */
import type { Account } from '../../src/bindings/Account';
import type { Item } from '../../src/bindings/Item';
import { FakeAgent, account, ahead, connected, failure, usual } from './agent';

const nights = { days: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday'] as const, from: '22:30', until: '07:00' };
const weekend = { days: ['saturday', 'sunday'] as const, from: '00:00', until: '00:00' };

const home: Account = account({
  id: 'a2',
  server: 'https://push.home.example:8443/tidings',
  username: 'alice@home',
  name: 'Home',
  colour: 'teal',
  pictures: true,
  flow: 'token',
  persistence: 'this_run',
});
const gone: Account = account({
  id: 'a3',
  server: 'https://old.example.com',
  username: '',
  colour: 'violet',
  signed_in: false,
  status: { ...connected, state: 'disconnected' },
});

export function desk(items: Item[]): Record<string, () => FakeAgent> {
  const of = (change: ConstructorParameters<typeof FakeAgent>[0]) => new FakeAgent(change, items);
  return {
    settings: () => {
      const fake = of({});
      fake.routes['a1'] = {
        flow: 'ticket',
        paths: { login_path: '/api/v2/sign-in' },
        ca_file: '/etc/ssl/ours/ca.pem',
        client_certificate: null,
        client_key: null,
      };
      return fake;
    },
    'settings-full': () =>
      of({
        accounts: [account(), home, gone],
        do_not_disturb: { on: true, until: ahead(1500) },
        silence: { reason: 'quiet_hours', until: ahead(7 * 3600) },
        settings: {
          ...usual,
          quiet_hours: [{ ...nights, days: [...nights.days] }, { ...weekend, days: [...weekend.days] }],
          rules: [
            { account: 'a1', topic: 'builds', muted: true, least_priority: null },
            { account: 'a2', topic: null, muted: false, least_priority: 'high' },
          ],
          proxy: { kind: 'through', url: 'socks5h://proxy.example.com:1080' },
        },
      }),
    'settings-locked': () =>
      of({
        settings: {
          ...usual,
          theme: 'dark',
          quiet_hours: [{ ...nights, days: [...nights.days] }],
          locked: [
            ...['server', 'autostart', 'language', 'theme', 'quiet_hours', 'urgent_passes', 'follow_desktop'],
            ...['least_priority', 'sound', 'rules', 'keep_days', 'keep_count', 'proxy'],
          ],
        },
      }),
    'settings-pt': () => of({ accounts: [account(), home], settings: { ...usual, language: 'pt-BR' } }),
    'settings-refused': () => {
      const fake = of({});
      fake.refuse.set = failure('BAD_REQUEST', 'keep_days: 0 is not from 1 to 3650');
      return fake;
    },
    'signed-out': () => of({ accounts: [gone] }),
    'sign-in-locked': () =>
      of({ accounts: [], hint: { server: 'https://alerts.example.com', username: null, server_locked: true } }),
  };
}
