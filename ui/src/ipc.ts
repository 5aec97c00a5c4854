/**
 * The way to the agent: one command out, one event in. The only file that knows Tauri.
 */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { Event } from './bindings/Event';
import type { Failure } from './bindings/Failure';
import type { Reply } from './bindings/Reply';
import type { Request } from './bindings/Request';

/** What the page hears: the agent's events, and from the window itself whether the agent is there. */
export type Told =
  | Event
  | { event: 'agent_up'; value: { replaced: string | null } }
  | { event: 'agent_down'; value: Failure };

/** How requests and events travel. The tests and the made-up agent bring their own. */
export interface Transport {
  /** Rejects with a `Failure`. */
  control(request: Request): Promise<Reply>;
  hear(listener: (told: Told) => void): Promise<void>;
}

/** Through the window's process. */
export const tauri: Transport = {
  async control(request) {
    try {
      return await invoke<Reply>('control', { request });
    } catch (error) {
      throw asFailure(error);
    }
  },
  async hear(listener) {
    await listen<Told[]>('agent', (event) => event.payload.forEach(listener));
  },
};

/** What a rejected request carries; anything else is a fault of ours. */
export function asFailure(error: unknown): Failure {
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    return error as Failure;
  }
  return { code: 'INTERNAL', message: String(error) };
}
