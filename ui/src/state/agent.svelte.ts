/**
 * The agent as the pages see it: a snapshot, then events. It owns nothing of its own but whether the agent is there
 * and what to say when a request failed.
 */
import { createContext } from 'svelte';

import type { Account } from '../bindings/Account';
import type { Diagnostics } from '../bindings/Diagnostics';
import type { Exported } from '../bindings/Exported';
import type { Failure } from '../bindings/Failure';
import type { Probed } from '../bindings/Probed';
import type { Reply } from '../bindings/Reply';
import type { Request } from '../bindings/Request';
import type { Setting } from '../bindings/Setting';
import type { SignIn } from '../bindings/SignIn';
import type { Snapshot } from '../bindings/Snapshot';
import type { Status } from '../bindings/Status';
import { asFailure, type Told, type Transport } from '../ipc';
import { speak } from '../words/index.svelte';
import { wear } from './appearance';
import { Inbox } from './inbox.svelte';
import { Pictures } from './pictures';
import { Place } from './place.svelte';
import { follow, followAll, type Troubles } from './trouble';
import { Voice } from './voice.svelte';

export class Agent {
  link = $state<'starting' | 'up' | 'down'>('starting');
  /** Why the agent is not there. */
  lost = $state.raw<Failure | null>(null);
  /** The version of an older agent that was replaced. */
  replaced = $state<string | null>(null);
  snapshot = $state.raw<Snapshot | null>(null);
  troubles = $state.raw<Troubles>(new Map());
  /** The latest request that failed and has no place of its own on a page. */
  complaint = $state.raw<Failure | null>(null);
  /** The latest export, until it was seen. */
  exported = $state.raw<Exported | null>(null);

  readonly inbox: Inbox;
  readonly place = new Place();
  readonly voice = new Voice();
  readonly pictures: Pictures;
  #transport: Transport;
  /** Heard while everything is being asked for: it comes after the answer, whichever of them is here first. */
  #early: Told[] | null = null;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.inbox = new Inbox(transport);
    this.pictures = new Pictures(transport);
  }

  get accounts(): Account[] {
    return this.snapshot?.accounts ?? [];
  }

  account(id: string): Account | undefined {
    return this.accounts.find((account) => account.id === id);
  }

  /**
   * Whether nobody is signed in; what has arrived may be there all the same. A sign-in that has ended by itself is told
   * beside the inbox.
   */
  get nobody(): boolean {
    return this.accounts.every(
      ({ signed_in: signedIn, status }) => !signedIn && status.cause?.kind !== 'sign_in_needed',
    );
  }

  /** Listens, then asks for everything: nothing is missed in between. */
  async start(): Promise<void> {
    await this.#transport.hear((told) => this.#hear(told));
    await this.subscribe();
  }

  /** Asks for everything; starts the agent if it does not run. */
  async subscribe(): Promise<void> {
    if (this.link === 'down') this.link = 'starting';
    this.#early = [];
    try {
      const reply = await this.#transport.control({ method: 'subscribe' });
      if (reply.reply !== 'snapshot') return;
      this.#take(reply.value);
      this.link = 'up';
      this.lost = null;
      this.#catchUp();
      await this.inbox.load();
    } catch (error) {
      this.#lose(asFailure(error));
    } finally {
      this.#early = null;
    }
  }

  #catchUp(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const told of early) this.#hear(told);
  }

  /** Asks for something whose failure is told in the common place. True if it was done. */
  async ask(request: Request): Promise<boolean> {
    return this.attempt(() => this.#transport.control(request));
  }

  /** Does something whose failure is told in the common place. True if it was done. */
  async attempt(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      this.complaint = null;
      return true;
    } catch (error) {
      this.complaint = asFailure(error);
      return false;
    }
  }

  /** Writes what is listed, all of it, into a file. */
  async export(): Promise<void> {
    const query = { ...this.inbox.question.query, before: null, limit: null };
    await this.attempt(async () => {
      const reply = await this.#transport.control({ method: 'export', params: { query } });
      if (reply.reply === 'exported') this.exported = reply.value;
    });
  }

  /** Changes a setting, at once; it moves on screen when the agent has done it. True if it was done. */
  async set(setting: Setting): Promise<boolean> {
    return this.ask({ method: 'set', params: setting });
  }

  /** Whether an administrator has decided a setting. */
  locked(name: string): boolean {
    return this.snapshot?.settings.locked.includes(name) ?? false;
  }

  /** Asks for something whose failure is told where it was asked for. What it has changed comes as an event. */
  async submit(request: Request): Promise<Failure | null> {
    try {
      await this.#transport.control(request);
      return null;
    } catch (error) {
      return asFailure(error);
    }
  }

  /** Looks something up; nothing where it cannot be told. */
  async look<Kind extends Reply['reply']>(request: Request, kind: Kind): Promise<Extract<Reply, { reply: Kind }> | null> {
    try {
      const reply = await this.#transport.control(request);
      return reply.reply === kind ? (reply as Extract<Reply, { reply: Kind }>) : null;
    } catch {
      return null;
    }
  }

  /** Signs in. */
  async signIn(params: SignIn): Promise<Failure | null> {
    return this.submit({ method: 'sign_in', params });
  }

  /** Who is there; what went wrong, if nobody could be asked. */
  async probe(params: SignIn): Promise<Probed | Failure> {
    try {
      const reply = await this.#transport.control({ method: 'probe', params });
      return reply.reply === 'probed' ? reply.value : asFailure(reply.reply);
    } catch (error) {
      return asFailure(error);
    }
  }

  /** What all connections know of themselves; nothing where they cannot be asked. */
  async diagnose(): Promise<Diagnostics | null> {
    return (await this.look({ method: 'diagnostics', params: { account: null } }, 'diagnostics'))?.value ?? null;
  }

  #hear(told: Told): void {
    switch (told.event) {
      case 'agent_up':
        this.replaced = told.value.replaced ?? this.replaced;
        // at the start the first subscription is under way already
        if (this.link === 'down') void this.subscribe();
        return;
      case 'agent_down':
        return this.#lose(told.value);
    }
    if (this.#early) {
      this.#early.push(told);
      return;
    }
    switch (told.event) {
      case 'snapshot':
        return this.#take(told.value);
      case 'status':
        return this.#turn(told.value.account, told.value.status);
      case 'add':
        this.place.asked = told.value;
        return;
      case 'refused':
        this.place.refused = told.value;
        return;
      case 'show':
        if (told.value.item !== null) {
          const { item } = told.value;
          this.place.go('inbox');
          void this.attempt(() => this.inbox.show(item));
        }
        return;
      default:
        this.inbox.hear(told);
    }
  }

  #lose(failure: Failure): void {
    this.link = 'down';
    this.lost = failure;
  }

  #take(snapshot: Snapshot): void {
    const before = this.snapshot?.accounts.map((account) => account.id).join();
    this.snapshot = snapshot;
    speak(snapshot.settings.language);
    wear(snapshot.settings.theme);
    this.troubles = followAll(this.troubles, snapshot.accounts);
    const after = snapshot.accounts.map((account) => account.id).join();
    // rows come and go with their account
    if (before !== undefined && before !== after) void this.inbox.settle(snapshot.accounts);
  }

  #turn(id: string, status: Status): void {
    if (!this.snapshot) return;
    const accounts = this.accounts.map((account) => (account.id === id ? { ...account, status } : account));
    this.snapshot = { ...this.snapshot, accounts };
    const troubles = new Map(this.troubles);
    const trouble = this.account(id)?.paused ? undefined : follow(troubles.get(id), status);
    if (trouble) troubles.set(id, trouble);
    else troubles.delete(id);
    this.troubles = troubles;
  }
}

export const [agent, provideAgent] = createContext<Agent>();
