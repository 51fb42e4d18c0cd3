const dayMs = 24 * 60 * 60 * 1000;

/** UTC midnight at the start of a day, counted from the epoch. */
export function dayToDate(day: number): Date {
  return new Date(day * dayMs);
}

/** UTC midnight at the start of a moment's day. */
export function startOfDay(moment: Date): Date {
  return dayToDate(dateToDay(moment));
}

/**
 * The newest day of a history that cannot change any more, counted from the epoch: it was over when the history was loaded, and the
 * history reaches it. What was observed on a day that was still going on is provisional: nothing is computed from it.
 */
export function newestFinishedDay(history: {
  readonly observed_until: Date;
  readonly fetched_at: Date;
}): number {
  return Math.min(dateToDay(history.observed_until), dateToDay(history.fetched_at) - 1);
}

/** The UTC day of a moment, counted from the epoch. */
export function dateToDay(date: Date): number {
  return Math.floor(date.getTime() / dayMs);
}
