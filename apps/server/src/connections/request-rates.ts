/** How long somebody may send as many requests at once as are allowed over that time. */
const burstSeconds = 3;
/** Addresses that are remembered before those are forgotten which have sent nothing for as long. */
const rememberedMost = 10_000;

interface Budget {
  left: number;
  /** In milliseconds. */
  since: number;
}

/** Counts what somebody does often. */
export interface Rates {
  /** Counts one more. @returns whether that is too many */
  isExceeded(subject: string): boolean;
}

/**
 * A token bucket for each subject: so many a second, three seconds' worth at once.
 *
 * @param perSecond positive
 * @param now milliseconds of a clock that is never set back
 */
export function createRates(perSecond: number, now: () => number): Rates {
  const burst = perSecond * burstSeconds;
  const budgets = new Map<string, Budget>();
  return {
    isExceeded(subject) {
      const moment = now();
      const budget = budgets.get(subject) ?? { left: burst, since: moment };
      const regained = ((moment - budget.since) / 1_000) * perSecond;
      // Never below one: whoever stops may begin again.
      budget.left = Math.max(-1, Math.min(burst, budget.left + regained) - 1);
      budget.since = moment;
      if (budgets.size >= rememberedMost && !budgets.has(subject)) forgetIdle(budgets, moment);
      budgets.set(subject, budget);
      return budget.left < 0;
    },
  };
}

/** Whoever has sent nothing for so long has a whole budget again. */
function forgetIdle(budgets: Map<string, Budget>, now: number): void {
  for (const [subject, { since }] of budgets) {
    if (now - since >= burstSeconds * 1_000) budgets.delete(subject);
  }
}
