/** Settings, connections and first runs to look at. */
import type { Account } from '../../src/bindings/Account';
import type { Item } from '../../src/bindings/Item';
import type { Link } from '../../src/bindings/Link';
import type { Part } from '../../src/bindings/Part';
import type { RoundTrip } from '../../src/bindings/RoundTrip';
import type { Spell } from '../../src/bindings/Spell';
import type { Status } from '../../src/bindings/Status';
import { FakeAgent, account, ago, ahead, connected, failure, usual } from './agent';

const nights = { days: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday'] as const, from: '22:30', until: '07:00' };
const weekend = { days: ['saturday', 'sunday'] as const, from: '00:00', until: '00:00' };

const home: Account = account({
  id: 'a2',
  server: 'https://push.home.example:8443/tidings',
  username: 'alice@home',
  name: 'Home',
  colour: 'teal',
  pictures: true,
  dialect: 'token',
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

const at = (minutes: number) => ago(minutes * 60);

/** A day with an outage, a lost network, a flap and a restart in it. */
const history: Spell[] = [
  { from: at(1500), state: 'connected', cause: null },
  { from: at(1130), state: 'disconnected', cause: 'unreachable' },
  { from: at(1105), state: 'connecting', cause: null },
  { from: at(1104), state: 'disconnected', cause: 'server_busy' },
  { from: at(1080), state: 'connected', cause: null },
  { from: at(800), state: null, cause: null },
  { from: at(640), state: 'connecting', cause: null },
  { from: at(625), state: 'connected', cause: null },
  { from: at(420), state: 'disconnected', cause: 'offline' },
  { from: at(330), state: 'connected', cause: null },
  { from: at(90.1), state: 'disconnected', cause: 'restarting' },
  { from: at(90), state: 'connected', cause: null },
];

const roundTrips: RoundTrip[] = Array.from({ length: 280 }, (_, step) => ({
  at: at(1440 - step * 5),
  ms: 38 + 9 * Math.sin(step / 9) + (step % 17 === 0 ? 60 : 0) + (step % 5),
})).filter(({ at: time }) => !history.some(({ from, state }, n) => state !== 'connected' && time > from && time < (history[n + 1]?.from ?? from)));

const link: Link = {
  url: 'wss://alerts.example.com/ws',
  peer: '203.0.113.7:443',
  tls: {
    version: 'TLS 1.3',
    subject: 'alerts.example.com',
    issuer: 'Let’s Encrypt E7',
    not_after: ahead(63 * 86400),
    fingerprint: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
  epoch: '01JC3Q7W9M',
  seq: 48_211,
  keepalive_s: 25,
};

const transitions: Status[] = [
  { state: 'disconnected', attempt: 1, cause: { kind: 'restarting', detail: 'closed 1012' }, retry_at: null, since: at(90.1) },
  { state: 'connecting', attempt: 1, cause: null, retry_at: null, since: at(90.05) },
  { ...connected, since: at(90) },
];

const parts: Part[] = [
  { kind: 'keychain', health: 'well', detail: 'Secret Service: gnome-keyring' },
  { kind: 'tray', health: 'limited', detail: 'no StatusNotifierHost is registered' },
  { kind: 'notifications', health: 'well', detail: 'gnome-shell 43.9, actions, body-markup, persistence' },
  { kind: 'network', health: 'well', detail: 'netlink, logind' },
  { kind: 'inbox', health: 'missing', detail: 'inbox.db: attempt to write a readonly database' },
];

function told(fake: FakeAgent): FakeAgent {
  fake.known = { history, round_trips: roundTrips, link, transitions, unreadable: 2 };
  fake.parts = parts;
  return fake;
}

export function desk(items: Item[]): Record<string, () => FakeAgent> {
  const of = (change: ConstructorParameters<typeof FakeAgent>[0]) => new FakeAgent(change, items);
  return {
    settings: () => {
      const fake = of({});
      fake.routes['a1'] = {
        dialect: 'ticket',
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
    connection: () => told(of({})),
    'connection-new': () => of({}),
    'connection-trouble': () => {
      const cause = { kind: 'unreachable' as const, detail: 'connect: Connection refused (os error 111)' };
      const status: Status = { state: 'disconnected', attempt: 4, cause, retry_at: ahead(38), since: ago(8) };
      return told(of({ accounts: [account({ status }), home, gone] }));
    },
    'signed-out': () => of({ accounts: [gone] }),
    'sign-in-locked': () =>
      of({ accounts: [], hint: { server: 'https://alerts.example.com', username: null, server_locked: true } }),
  };
}
