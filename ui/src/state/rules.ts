/** Exceptions by account and topic, and what they do: each has one answer to "from which priority on". */
import type { Priority } from '../bindings/Priority';
import type { Rule } from '../bindings/Rule';

/** From which priority on it pops up, or that nothing does. */
export type Least = Priority | 'muted';

/** Whom a rule is for: an account, or one topic of it. */
export interface Whom {
  account: string;
  topic: string | null;
}

export const isFor = (rule: Whom, whom: Whom) => rule.account === whom.account && rule.topic === whom.topic;

/** What a rule does; where it says nothing of its own, `otherwise` holds. */
export function leastOf({ muted, least_priority }: Rule, otherwise: Priority): Least {
  return muted ? 'muted' : (least_priority ?? otherwise);
}

/** The rules with one more, or one changed, or with one gone if it has nothing to say. */
export function ruled(rules: Rule[], { account, topic }: Whom, least: Least | null): Rule[] {
  const at = rules.findIndex((rule) => isFor(rule, { account, topic }));
  if (least === null) return at < 0 ? rules : rules.toSpliced(at, 1);
  const muted = least === 'muted';
  const rule: Rule = { account, topic, muted, least_priority: muted ? null : least };
  return at < 0 ? [...rules, rule] : rules.with(at, rule);
}
