const dayMs = 24 * 60 * 60 * 1000;

/** UTC midnight at the start of a day, counted from the epoch. */
export function dayToDate(day: number): Date {
  return new Date(day * dayMs);
}

/** The UTC day of a moment, counted from the epoch. */
export function dateToDay(date: Date): number {
  return Math.floor(date.getTime() / dayMs);
}
