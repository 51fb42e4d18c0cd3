import { nextSlot } from "@obsqra/platform";
import { isMarketFile } from "./market.service.ts";

/**
 * When a source is looked at, in UTC: a file may change at any time; a feed has a new day soon after midnight, or else within the hours
 * that follow.
 */
export function refreshSchedule(source: string): string {
  return isMarketFile(source) ? "* * * * *" : "7 * * * *";
}

/** Loading what is new and forecasting from it takes about as long. */
const refreshSeconds = 60;

/** In how many seconds a source has been looked at once more, and what is new has been forecast from. */
export function secondsToRefresh(source: string, now: Date): number {
  const next = nextSlot(refreshSchedule(source), now) ?? now;
  return Math.ceil((next.getTime() - now.getTime()) / 1_000) + refreshSeconds;
}
