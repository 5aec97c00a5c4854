/** Accounts of other programs, in words. */
import type { Failure } from '../bindings/Failure';
import type { Foreign } from '../bindings/Foreign';
import { topicWords } from '../errors';
import { words } from './index.svelte';

/** Whose it is, who signs in how, and what it follows. */
export function foreignWords({ program, username, proof, topics }: Foreign): string {
  const said = words().accounts;
  return [said.programs[program], username, said.by[proof], topics.join(', ')].filter(Boolean).join(' · ');
}

/** Why one could not move in. */
export function importWords(failure: Failure, { topics }: Foreign): string {
  const refused = failure.code === 'INVALID_CREDENTIALS' || failure.code === 'TOKEN_REFUSED';
  return refused ? words().accounts.importRefused : topicWords(failure, topics).sentence;
}
