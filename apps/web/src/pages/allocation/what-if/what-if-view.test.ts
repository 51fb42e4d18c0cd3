import { expect, it } from "vitest";
import { firstSettings } from "./what-if-input.ts";
import { readWhatIfView, settingsOf, viewOf } from "./what-if-view.ts";

it("says in a link where the sliders stand, and nothing of those that were not moved", () => {
  expect(viewOf(firstSettings)).toEqual({});
  const moved = { ...firstSettings, maxRisk: 20, apys: { "simulated:vesu:usdc": 4.5 } };
  expect(viewOf(moved)).toEqual({ risk: 20, apys: { "simulated:vesu:usdc": 4.5 } });
  expect(settingsOf(readWhatIfView({ ...viewOf(moved) }))).toEqual(moved);
});

it("takes nothing from a link that no slider could stand at", () => {
  const made = {
    risk: 1,
    share: "50",
    days: Number.NaN,
    apys: { a: "x", b: Number.POSITIVE_INFINITY, c: 3 },
  };
  expect(readWhatIfView(made)).toEqual({ apys: { c: 3 } });
  expect(readWhatIfView({ apys: null })).toEqual({});
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`market ${index}`, 1]));
  expect(Object.keys(readWhatIfView({ apys: many }).apys ?? {})).toHaveLength(100);
});
