/** Changes to many rows, asked for in portions: the agent serves whoever else asks in between. */

/** What the agent takes in one request. */
export const AT_ONCE = 100;

/** Asks for one portion after the other; those before one that fails are done. */
export async function inPortions(ids: number[], ask: (some: number[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE) await ask(ids.slice(from, from + AT_ONCE));
}
