/**
 * What is entered on the sign-in page, what was found at the address, and what the agent is asked for with both. It sends
 * neither user nor password before the person signs in, and shows nothing.
 */
import type { Account } from '../bindings/Account';
import type { Dialect } from '../bindings/Dialect';
import type { Failure } from '../bindings/Failure';
import type { Probed } from '../bindings/Probed';
import type { SignIn } from '../bindings/SignIn';
import type { Field } from '../errors';
import type { Agent } from './agent.svelte';
import { kindOf, proofs, topicsIn, type Kind, type Proof } from './kinds';

interface Start {
  server: string;
  username: string;
  /** The account that is signed in to again. */
  known: Account | undefined;
}

export class Entrance {
  server = $state('');
  username = $state('');
  password = $state('');
  token = $state('');
  topics = $state('');
  /** Chosen by hand. */
  dialect = $state<Dialect | null>(null);
  allowUnencrypted = $state(false);
  /** Full paths; empty where there is no such file. */
  files = $state({ ca_file: '', client_certificate: '', client_key: '' });
  /** It is being asked who is there. */
  looking = $state(false);

  #agent: Agent;
  #probed = $state.raw<{ place: string; told: Probed } | null>(null);
  #flight: { place: string; answer: Promise<Failure | null> } | null = null;
  /** The form stays as it is until another kind is found. */
  #usual = $state<Kind>('tidings');
  #picked = $state<Proof | null>(null);

  constructor(agent: Agent, { server, username, known }: Start) {
    this.#agent = agent;
    this.server = server;
    this.username = username;
    this.topics = known?.topics.join(', ') ?? '';
    if (!known) return;
    this.#usual = kindOf(known.dialect);
    // whoever had a sign-in without a name had a token
    if (username === '' && known.status.cause?.kind === 'sign_in_needed') this.#picked = 'token';
  }

  /** What is known of the server at the address that stands there now. */
  get found(): Probed | null {
    return this.#probed?.place === this.server.trim() ? this.#probed.told : null;
  }

  get kind(): Kind {
    return this.dialect ? kindOf(this.dialect) : this.#usual;
  }

  get proof(): Proof {
    const possible = proofs[this.kind];
    if (this.#picked && possible.includes(this.#picked)) return this.#picked;
    // whoever has begun to enter a name goes on with it
    const open = possible.includes('nobody') && this.username === '' && (this.found?.guests ?? true);
    return open ? 'nobody' : 'password';
  }

  set proof(proof: Proof) {
    this.#picked = proof;
  }

  /** Guests may come in by a button of their own. */
  get guests(): boolean {
    return this.kind === 'tidings' && (this.found?.guests ?? false);
  }

  get named(): string[] {
    return topicsIn(this.topics);
  }

  /** The first field that still has to be filled in. */
  get missing(): Field | null {
    if (!this.server.trim()) return 'server';
    if (this.kind === 'ntfy' && this.named.length === 0) return 'topics';
    if (this.proof === 'token' && !this.token.trim()) return 'token';
    if (this.proof === 'password' && !this.username.trim()) return 'username';
    return this.proof === 'password' && !this.password ? 'password' : null;
  }

  /** Finds out who is there, unless that is known. What went wrong, if it did. */
  look(): Promise<Failure | null> {
    const request = this.#place;
    const place = JSON.stringify(request);
    if (this.found || !request.server) return Promise.resolve(null);
    if (this.#flight?.place !== place) this.#flight = { place, answer: this.#ask(request, place) };
    return this.#flight.answer;
  }

  async #ask(request: SignIn, place: string): Promise<Failure | null> {
    this.looking = true;
    const told = await this.#agent.probe(request);
    if (this.#flight?.place === place) {
      this.#flight = null;
      this.looking = false;
    }
    // another address has been entered since
    if (request.server !== this.server.trim()) return null;
    if ('code' in told) return told;
    this.#probed = { place: request.server, told };
    if (told.dialects[0]) this.#usual = kindOf(told.dialects[0]);
    return null;
  }

  /** What signs in; a guest has no name. */
  request(guest: boolean): SignIn {
    const dialect = this.dialect ?? (this.kind === 'tidings' ? null : this.kind);
    const topics = this.kind === 'ntfy' ? { topics: this.named } : {};
    return { ...this.#place, dialect, ...topics, ...(guest ? { guest } : this.#who) };
  }

  get #place(): SignIn {
    const files = Object.entries(this.files).filter(([, path]) => path.trim() !== '');
    return { server: this.server.trim(), allow_unencrypted: this.allowUnencrypted, ...Object.fromEntries(files) };
  }

  get #who(): Partial<SignIn> {
    switch (this.proof) {
      case 'nobody':
        return { guest: true };
      case 'token':
        return { token: this.token.trim() };
      case 'password':
        return { username: this.username.trim(), password: this.password };
    }
  }

  /** Forgets what is secret. */
  forget(): void {
    this.password = '';
    this.token = '';
  }
}
