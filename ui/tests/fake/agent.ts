/** An agent that is made up: it answers from memory, and tells what a test or a scene makes it tell. */
import type { Account } from '../../src/bindings/Account';
import type { Diagnosis } from '../../src/bindings/Diagnosis';
import type { Failure } from '../../src/bindings/Failure';
import type { FailureCode } from '../../src/bindings/FailureCode';
import type { Foreign } from '../../src/bindings/Foreign';
import type { Item } from '../../src/bindings/Item';
import type { Probed } from '../../src/bindings/Probed';
import type { Reply } from '../../src/bindings/Reply';
import type { Part } from '../../src/bindings/Part';
import type { Request } from '../../src/bindings/Request';
import type { Route } from '../../src/bindings/Route';
import type { Settings } from '../../src/bindings/Settings';
import type { Snapshot } from '../../src/bindings/Snapshot';
import type { Status } from '../../src/bindings/Status';
import type { Told, Transport } from '../../src/ipc';
import { answer } from './desk';
import { answerOfInbox, dot } from './inbox';

export const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
export const ahead = (seconds: number) => ago(-seconds);

export const connected: Status = { state: 'connected', attempt: 0, cause: null, retry_at: null, since: ago(600) };

export const usual: Settings = {
  language: 'system',
  theme: 'system',
  quiet_hours: [],
  urgent_passes: true,
  follow_desktop: true,
  least_priority: 'low',
  sound: 'system',
  rules: [],
  keep_days: 90,
  keep_count: 50_000,
  proxy: { kind: 'system' },
  locked: [],
};

export function account(change: Partial<Account> = {}): Account {
  return {
    id: 'a1',
    server: 'https://alerts.example.com',
    username: 'alice',
    name: null,
    colour: 'brass',
    pictures: false,
    signed_in: true,
    dialect: 'ticket',
    topics: [],
    paused: false,
    deletes_on_server: false,
    status: connected,
    persistence: 'keychain',
    unread: 0,
    ...change,
  };
}

export function item(id: number, change: Partial<Item> = {}): Item {
  return {
    id,
    account: 'a1',
    server_id: `n${id}`,
    seq: id,
    title: `Notification ${id}`,
    body: `What number ${id} has to say.`,
    priority: 'default',
    topic: null,
    tags: [],
    click_url: null,
    actions: [],
    icon_url: null,
    image_url: null,
    attachment: null,
    plain: false,
    created_at: ago(60),
    received_at: ago(60),
    read: false,
    kept: false,
    disposition: 'shown',
    ...change,
  };
}

export function failure(code: FailureCode, message = 'detail'): Failure {
  return { code, message };
}

export class FakeAgent implements Transport {
  asked: Request[] = [];
  snapshot: Snapshot;
  items: Item[];
  /** Failures by method, used up as they are asked for if given as a list. */
  refuse: Partial<Record<Request['method'], Failure>> = {};
  /** Holds answers back until released. */
  gate: Promise<void> = Promise.resolve();
  /** Whether the servers let guests in. */
  guests = false;
  /** Who answers at every address. */
  answers: Pick<Probed, 'dialects' | 'version'> = { dialects: ['ticket', 'token'], version: '0.1.0' };
  /** What is deleted and may come back. */
  deleted: Item[] = [];
  /** What every picture looks like, in base64; none can be fetched if empty. */
  pictures = dot;
  /** What the connections know of themselves beyond their status. */
  known: Partial<Diagnosis> = {};
  /** How what the agent relies on is. */
  parts: Part[] = [];
  /** How connections are made, by account. */
  routes: Record<string, Route> = {};
  /** What could move in. */
  foreigners: Foreign[] = [];
  #listeners: ((told: Told) => void)[] = [];

  constructor(snapshot: Partial<Snapshot> = {}, items: Item[] = []) {
    this.snapshot = {
      version: '0.1.0',
      accounts: [account()],
      unread: items.filter((row) => !row.read).length,
      do_not_disturb: { on: false, until: null },
      silence: null,
      settings: { ...usual },
      autostart: 'off',
      notices: [],
      hint: { server: null, username: null, server_locked: false },
      ...snapshot,
    };
    this.items = items;
  }

  async hear(listener: (told: Told) => void): Promise<void> {
    this.#listeners.push(listener);
  }

  tell(told: Told): void {
    for (const listener of this.#listeners) listener(told);
  }

  /** Changes the snapshot and tells it. */
  change(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    this.tell({ event: 'snapshot', value: this.snapshot });
  }

  /** A notification comes in. */
  arrive(row: Item): void {
    this.items = [row, ...this.items];
    this.tell({ event: 'notification', value: row });
    this.change({ unread: this.snapshot.unread + 1 });
  }

  /** A notification takes the place of an earlier one. */
  replace(previous: number, row: Item): void {
    this.items = [row, ...this.items.filter(({ id }) => id !== previous)];
    this.tell({ event: 'replaced', value: { previous, item: row } });
    this.change({ unread: this.items.filter(({ read }) => !read).length });
  }

  #known(): Diagnosis[] {
    return this.snapshot.accounts.map(({ id, server, username, dialect, status }) => ({
      account: id,
      server,
      username,
      dialect,
      status,
      round_trip: null,
      transitions: [status],
      unreadable: 0,
      reported: null,
      history: [],
      round_trips: [],
      link: null,
      ...this.known,
    }));
  }

  async control(request: Request): Promise<Reply> {
    this.asked.push(request);
    await this.gate;
    const refused = this.refuse[request.method];
    if (refused) throw refused;
    switch (request.method) {
      case 'subscribe':
      case 'snapshot':
        return { reply: 'snapshot', value: this.snapshot };
      case 'probe':
        return { reply: 'probed', value: { guests: this.guests, ...this.answers } };
      case 'diagnostics':
        return { reply: 'diagnostics', value: { version: '0.1.0', system: 'linux x86_64', connections: this.#known(), parts: this.parts } };
      case 'sign_in': {
        const { server, username, dialect, topics } = request.params;
        const [found] = this.answers.dialects;
        const kind = { dialect: dialect ?? found ?? 'ticket', topics: topics ?? [] };
        const added = account({ id: 'a9', server: `https://${server}`, username: username ?? '', ...kind });
        this.change({ accounts: [...this.snapshot.accounts, added] });
        return { reply: 'account', value: added };
      }
      case 'set_autostart':
        this.change({ autostart: request.params.on ? 'on' : 'off' });
        return { reply: 'done' };
      case 'dismiss_notice':
        this.change({ notices: this.snapshot.notices.filter(({ code }) => code !== request.params.code) });
        return { reply: 'done' };
      default:
        return answerOfInbox(this, request) ?? answer(this, request) ?? { reply: 'done' };
    }
  }
}
