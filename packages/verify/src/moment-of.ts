import { expectThat } from "./check.ts";

/** Engines read other texts differently, some of them by the time zone of the reader. */
const momentPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** A moment in UTC, in milliseconds. @throws Mismatch when it is none */
export function momentOf(text: unknown): number {
  const moment = typeof text === "string" && momentPattern.test(text) ? Date.parse(text) : Number.NaN;
  expectThat(!Number.isNaN(moment), `${String(text)} is no moment.`);
  return moment;
}
