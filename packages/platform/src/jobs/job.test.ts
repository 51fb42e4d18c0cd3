import { expect, it } from "vitest";
import { z } from "zod";
import { createSlotClock, defineJob, newestSlot, nextSlot } from "./job.ts";

it.each([
  ["0 * * * *", "2026-11-29T12:00:00.000Z", "2026-11-29T12:00:00.000Z"],
  ["0 * * * *", "2026-11-29T12:00:00.999Z", "2026-11-29T12:00:00.000Z"],
  ["0 * * * *", "2026-11-29T11:59:59.999Z", "2026-11-29T11:00:00.000Z"],
  ["10 0 * * *", "2026-11-29T00:09:59.000Z", "2026-11-28T00:10:00.000Z"],
  // The night in which clocks are put back elsewhere.
  ["30 1 * * *", "2026-10-25T12:00:00.000Z", "2026-10-25T01:30:00.000Z"],
])("finds the newest moment of %s at %s", (schedule, now, slot) => {
  expect(newestSlot(schedule, new Date(now))?.toISOString()).toBe(slot);
});

it("finds the next moment, which is never now", () => {
  expect(nextSlot("0 * * * *", new Date("2026-11-29T12:00:00Z"))?.toISOString()).toBe(
    "2026-11-29T13:00:00.000Z",
  );
});

it("keeps the newest moment until the next one, or until the clock is set back", () => {
  const slotOf = createSlotClock();
  const times = [
    "12:00:00.000",
    "12:59:59.999",
    "13:00:00.000",
    "12:59:59.000",
    "11:30:00.000",
    "23:10:00.000",
  ];
  for (const time of times) {
    const now = new Date(`2026-11-29T${time}Z`);
    for (const schedule of ["0 * * * *", "*/7 * * * *"]) {
      expect(slotOf(schedule, now)).toEqual(newestSlot(schedule, now));
      expect(slotOf(schedule, now)).toBe(slotOf(schedule, now));
    }
  }
});

it("refuses a schedule that is none when the job is defined, not when it would be due", () => {
  const define = () =>
    defineJob({ name: "a", summary: "", schema: z.object({}), schedule: "every day", run: async () => ({}) });
  expect(define).toThrow(TypeError);
});

it("hands over what the schema makes of the data, and nothing else", async () => {
  const job = defineJob({
    name: "a",
    summary: "",
    schema: z.strictObject({ count: z.int() }),
    run: async (_deps: object, { data }) => data,
  });
  const { signal } = new AbortController();
  const send = async () => {};
  expect(await job.start({}, { data: { count: 2 }, signal, send })).toEqual({ count: 2 });
  await expect(async () => job.start({}, { data: { count: "2" }, signal, send })).rejects.toThrow(z.ZodError);
});
