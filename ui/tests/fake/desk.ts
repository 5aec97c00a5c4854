/** What the made-up agent does about settings and accounts. */
import type { Account } from '../../src/bindings/Account';
import type { Item } from '../../src/bindings/Item';
import type { Reply } from '../../src/bindings/Reply';
import type { Request } from '../../src/bindings/Request';
import type { Route } from '../../src/bindings/Route';
import type { Snapshot } from '../../src/bindings/Snapshot';
import type { Topic } from '../../src/bindings/Topic';
import { account as somebody, connected, failure, type FakeAgent } from './agent';

const done: Reply = { reply: 'done' };

/** No account's connection is made in a way of its own, unless a scene says so. */
export const plain: Route = { dialect: 'ticket', paths: {}, ca_file: null, client_certificate: null, client_key: null };

const soon: Record<string, number> = { half_hour: 1800, hour: 3600, tomorrow: 14 * 3600 };

/** Answers what is about settings and accounts; everything else is left to others. */
export function answer(fake: FakeAgent, request: Request): Reply | undefined {
  switch (request.method) {
    case 'set': {
      const { name, value } = request.params;
      if (fake.snapshot.settings.locked.includes(name)) throw failure('SETTING_LOCKED', name);
      fake.change({ settings: { ...fake.snapshot.settings, [name]: value } });
      return done;
    }
    case 'set_do_not_disturb': {
      const { quiet } = request.params;
      const wait = soon[quiet];
      const until = wait ? new Date(Date.now() + wait * 1000).toISOString() : null;
      const on = quiet !== 'off';
      fake.change({ do_not_disturb: { on, until }, silence: on ? { reason: 'do_not_disturb', until } : null });
      return done;
    }
    case 'set_account': {
      const { account, place, name, colour, pictures, paused, deletes_on_server: deletes } = request.params;
      const change: Partial<Account> = {};
      if (name !== undefined && name !== null) change.name = name || null;
      if (colour) change.colour = colour;
      if (typeof pictures === 'boolean') change.pictures = pictures;
      if (typeof deletes === 'boolean') change.deletes_on_server = deletes;
      if (typeof paused === 'boolean') Object.assign(change, { paused, status: paused ? over : connected });
      fake.change({ accounts: placed(changed(fake.snapshot, account, change), account, place ?? null) });
      return done;
    }
    case 'sign_out':
      fake.change({ accounts: changed(fake.snapshot, request.params.account, { signed_in: false, status: over }) });
      return done;
    case 'forget':
      fake.change({ accounts: fake.snapshot.accounts.filter(({ id }) => id !== request.params.account) });
      return done;
    case 'set_topics':
      fake.change({ accounts: changed(fake.snapshot, request.params.account, { topics: request.params.topics }) });
      return done;
    case 'find_foreign':
      return { reply: 'foreigners', value: fake.foreigners };
    case 'import':
      return moved(fake, request.params.id);
    case 'topics':
      return { reply: 'topics', value: topicsOf(fake.items) };
    case 'route':
      return { reply: 'route', value: fake.routes[request.params.account] ?? plain };
    case 'set_route':
      fake.routes[request.params.account] = request.params.route;
      return done;
    default:
      return undefined;
  }
}

const over = { state: 'disconnected', attempt: 0, cause: null, retry_at: null, since: new Date().toISOString() } as const;

function moved(fake: FakeAgent, id: string): Reply {
  const found = fake.foreigners.find((one) => one.id === id);
  if (!found) throw failure('BAD_REQUEST', id);
  const { server, username, dialect, topics } = found;
  const value = somebody({ id: `from ${id}`, server, username, dialect, topics });
  fake.foreigners = fake.foreigners.map((one) => (one === found ? { ...one, known: true } : one));
  fake.change({ accounts: [...fake.snapshot.accounts, value] });
  return { reply: 'account', value };
}

function topicsOf(items: Item[]): Topic[] {
  const topics = new Map<string, Topic>();
  for (const { account, topic, read } of items) {
    if (topic === null) continue;
    const key = `${account} ${topic}`;
    const known = topics.get(key) ?? { account, name: topic, unread: 0 };
    topics.set(key, { ...known, unread: known.unread + (read ? 0 : 1) });
  }
  return [...topics.values()];
}

function changed({ accounts }: Snapshot, id: string, change: Partial<Account>): Account[] {
  return accounts.map((account) => (account.id === id ? { ...account, ...change } : account));
}

function placed(accounts: Account[], id: string, place: number | null): Account[] {
  const moved = accounts.find((account) => account.id === id);
  if (place === null || !moved) return accounts;
  const others = accounts.filter((account) => account !== moved);
  return [...others.slice(0, place), moved, ...others.slice(place)];
}
