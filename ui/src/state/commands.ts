/** What can be done to notifications, by a key or a button. Each acts on what is selected, open or at hand. */
import type { Agent } from './agent.svelte';
import type { Command } from './keys';
import type { Row } from './rows';
import { words } from '../words/index.svelte';

const ids = (rows: Row[]) => rows.map((row) => row.id);

/** Does it; what fails is told in the common place. */
export async function run(store: Agent, command: Exclude<Command, 'search'>): Promise<void> {
  const { inbox } = store;
  await store.attempt(async () => {
    const rows = inbox.targets;
    switch (command) {
      case 'read':
        return inbox.mark(ids(rows.filter((row) => !row.read)), true);
      case 'unread':
        return inbox.mark(ids(rows.filter((row) => row.read)), false);
      case 'keep': {
        const kept = rows.some((row) => !row.kept);
        return inbox.keep(ids(rows.filter((row) => row.kept !== kept)), kept);
      }
      case 'delete':
        return remove(store, rows);
      case 'undo':
        return undo(store);
      case 'all':
        return inbox.selection.all(inbox.rows);
    }
  });
}

async function remove(store: Agent, rows: Row[]): Promise<void> {
  const { inbox, place } = store;
  const wasOpen = inbox.opened !== null;
  await inbox.remove(ids(rows));
  // beside the list, reading goes on with the next one
  if (wasOpen && place.wide && inbox.opened === null && inbox.cursor !== null) await inbox.open(inbox.cursor);
}

async function undo(store: Agent): Promise<void> {
  const { inbox } = store;
  const back = inbox.bin.ids;
  if (!(await inbox.bin.undo())) return;
  inbox.cursor = back.at(-1) ?? null;
  store.voice.say(words().inbox.restored(back.length));
}
