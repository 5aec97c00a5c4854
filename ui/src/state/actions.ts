/** What the actions beside a sentence do. */
import type { Account } from '../bindings/Account';
import type { Action } from '../errors';
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
    case 'stay':
      return;
  }
}
