/** What the made-up agent does about notifications. */
import type { InboxQuery } from '../../src/bindings/InboxQuery';
import type { Item } from '../../src/bindings/Item';
import type { Page } from '../../src/bindings/Page';
import type { Reply } from '../../src/bindings/Reply';
import type { Request } from '../../src/bindings/Request';
import type { Topic } from '../../src/bindings/Topic';
import { AT_ONCE } from '../../src/state/portions';
import { priorities } from '../../src/state/question.svelte';
import { failure, type FakeAgent } from './agent';

const done: Reply = { reply: 'done' };

/** Four pixels of brass. */
export const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGNYUOkGRAwQCgAiWAThn7m/lQAAAABJRU5ErkJggg==';

/** Answers what is about notifications; everything else is left to others. */
export function answerOfInbox(fake: FakeAgent, request: Request): Reply | undefined {
  const { ids = [] } = ('params' in request ? request.params : {}) as { ids?: number[] };
  if (ids.length > AT_ONCE) throw failure('BAD_REQUEST', `at most ${AT_ONCE} notifications at a time`);
  switch (request.method) {
    case 'inbox':
      return { reply: 'inbox', value: page(fake, request.params) };
    case 'topics':
      return { reply: 'topics', value: topics(fake.items) };
    case 'mark_read':
      return read(fake, request.params.ids, true);
    case 'mark_all_read':
      return read(fake, fake.items.map(({ id }) => id), true);
    case 'mark_unread':
      return read(fake, request.params.ids, false);
    case 'keep': {
      const { ids, kept } = request.params;
      fake.items = fake.items.map((row) => (ids.includes(row.id) ? { ...row, kept } : row));
      fake.tell({ event: 'kept', value: { ids, kept } });
      return done;
    }
    case 'delete':
      return remove(fake, request.params.ids);
    case 'restore':
      return restore(fake, request.params.ids);
    case 'export':
      return {
        reply: 'exported',
        value: { path: '/home/alice/Downloads/tidings-2026-11-22.json', count: page(fake, { ...request.params.query, limit: 1e9 }).items.length },
      };
    case 'picture':
      if (!fake.pictures) throw failure('PICTURE_UNAVAILABLE', 'HTTP 404');
      return { reply: 'picture', value: { media_type: 'image/png', base64: fake.pictures } };
    default:
      return undefined;
  }
}

function page({ items: all }: FakeAgent, query: InboxQuery): Page {
  const text = query.search?.toLowerCase();
  const found = all.filter(
    (row) =>
      (query.before === null || row.id < query.before) &&
      (!query.unread || !row.read) &&
      (!query.kept || row.kept) &&
      (!query.account || row.account === query.account) &&
      (!query.topic || row.topic === query.topic) &&
      (!query.least_priority || priorities.indexOf(row.priority) >= priorities.indexOf(query.least_priority)) &&
      (!text || `${row.title} ${row.body} ${row.topic}`.toLowerCase().includes(text)),
  );
  const items = found.slice(0, query.limit ?? 50);
  return { items, next: found.length > items.length ? (items.at(-1)?.id ?? null) : null };
}

function topics(items: Item[]): Topic[] {
  const found = new Map<string, Topic>();
  for (const { account, topic, read } of items) {
    if (topic === null) continue;
    const known = found.get(`${account} ${topic}`) ?? { account, name: topic, unread: 0 };
    found.set(`${account} ${topic}`, { ...known, unread: known.unread + (read ? 0 : 1) });
  }
  return [...found.values()];
}

function read(fake: FakeAgent, ids: number[], now: boolean): Reply {
  const told = new Set(ids);
  fake.items = fake.items.map((row) => (told.has(row.id) ? { ...row, read: now } : row));
  fake.tell(now ? { event: 'read', value: { ids } } : { event: 'unread', value: { ids } });
  return counted(fake);
}

function remove(fake: FakeAgent, ids: number[]): Reply {
  const gone = new Set(ids);
  fake.deleted.push(...fake.items.filter(({ id }) => gone.has(id)));
  fake.items = fake.items.filter(({ id }) => !gone.has(id));
  fake.tell({ event: 'removed', value: { ids } });
  return counted(fake);
}

function restore(fake: FakeAgent, ids: number[]): Reply {
  const items = fake.deleted.filter(({ id }) => ids.includes(id));
  fake.deleted = fake.deleted.filter(({ id }) => !ids.includes(id));
  fake.items = [...fake.items, ...items].sort((a, b) => b.id - a.id);
  fake.tell({ event: 'restored', value: { items } });
  return counted(fake);
}

function counted(fake: FakeAgent): Reply {
  fake.change({ unread: fake.items.filter((row) => !row.read).length });
  return done;
}
