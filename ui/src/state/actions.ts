/** What the actions beside a sentence do. */
import { tick } from 'svelte';

import type { Account } from '../bindings/Account';
import type { Action } from '../errors';
import { words } from '../words/index.svelte';
import type { Agent } from './agent.svelte';

/** Acts on one account. */
export function act(agent: Agent, action: Action, account: Account): void {
  const { id, server, username } = account;
  switch (action) {
    case 'try_now':
    case 'try_again':
    case 'connect':
      void agent.ask({ method: 'reconnect', params: { account: id } });
      return;
    case 'sign_in':
    case 'edit':
      agent.place.signIn = { server, username, server_locked: false };
      return;
    case 'details':
      agent.place.showDetails(id);
      return;
    case 'start':
      void agent.subscribe();
      return;
    case 'resume':
      void agent.ask({ method: 'set_account', params: { account: id, paused: false } });
      return;
    case 'stay':
      return;
  }
}

/** Says how much was found of what was just asked for; a list with nothing in it says so itself. */
export function sayFound({ inbox, voice }: Agent): void {
  const count = inbox.rows.length;
  if (inbox.question.isPartial && count > 0) voice.say(words().inbox.found(count, !inbox.complete));
}

/** Gives an account another place among the others, and says which; nothing happens beyond the ends. */
export async function moveAccount(agent: Agent, account: Account, place: number): Promise<void> {
  const count = agent.accounts.length;
  if (place < 0 || place >= count) return;
  if (!(await agent.ask({ method: 'set_account', params: { account: account.id, place } }))) return;
  agent.voice.say(words().accounts.movedTo(place + 1, count));
  await tick();
}
