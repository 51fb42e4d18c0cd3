import { expectThat } from "./check.ts";

/** @throws Mismatch when it is no moment */
export function momentOf(text: unknown): number {
  const moment = typeof text === "string" ? Date.parse(text) : Number.NaN;
  expectThat(!Number.isNaN(moment), `${String(text)} is no moment.`);
  return moment;
}
