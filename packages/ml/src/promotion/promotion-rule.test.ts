import { describe, expect, it } from "vitest";
import type { ComparedErrors } from "./promotion-rule.ts";
import { promotionOf } from "./promotion-rule.ts";

/** Ten days of one forecast each; an error of `NaN` would be a bug of the caller. */
function compared(
  mae: { challenger: number; champion?: number; baseline: number },
  days = 10,
): ComparedErrors {
  const errors = (value: number) => new Float64Array(days).fill(value);
  return {
    days: Int32Array.from({ length: days }, (_unused, day) => 19_000 + day),
    challenger: errors(mae.challenger),
    champion: mae.champion === undefined ? undefined : errors(mae.champion),
    baseline: errors(mae.baseline),
  };
}

describe("promotion", () => {
  it("makes the first model the champion, even without a forecast to show", () => {
    const first = compared({ challenger: 2, baseline: 1 });
    expect(promotionOf(first, { challenger: "baseline" })).toEqual({
      promoted: true,
      reason: "first_model",
      n: 10,
      challenger_mae: 2,
      champion_mae: null,
      baseline_mae: 1,
    });
    expect(promotionOf(compared({ challenger: 2, baseline: 1 }, 0), { challenger: "model" })).toEqual({
      promoted: true,
      reason: "first_model",
      n: 0,
      challenger_mae: null,
      champion_mae: null,
      baseline_mae: null,
    });
  });

  it("replaces the champion by a model that errs less, and says on what figures", () => {
    const better = compared({ challenger: 1, champion: 1.5, baseline: 2 });
    expect(promotionOf(better, { challenger: "model" })).toEqual({
      promoted: true,
      reason: "beats_champion_and_baseline",
      n: 10,
      challenger_mae: 1,
      champion_mae: 1.5,
      baseline_mae: 2,
    });
  });

  it("keeps a champion that errs less than the challenger, and on a tie", () => {
    for (const champion of [1, 2]) {
      const errors = compared({ challenger: 2, champion, baseline: 3 });
      expect(promotionOf(errors, { challenger: "model" })).toMatchObject({
        promoted: false,
        reason: "not_better_than_champion",
      });
    }
  });

  it("lets a baseline take over only from a champion that has fallen behind it", () => {
    const behind = compared({ challenger: 2, champion: 3, baseline: 2 });
    expect(promotionOf(behind, { challenger: "baseline" })).toMatchObject({
      promoted: true,
      reason: "champion_fell_behind_baseline",
    });
    for (const champion of [1, 2]) {
      const errors = compared({ challenger: 2, champion, baseline: 2 });
      expect(promotionOf(errors, { challenger: "baseline" })).toMatchObject({
        promoted: false,
        reason: "not_better_than_baseline",
      });
    }
  });

  it("keeps the champion until there are outcomes of five days, however many there are of each", () => {
    const clear = { challenger: 1, champion: 9, baseline: 9 };
    for (const challenger of ["model", "baseline"] as const) {
      expect(promotionOf(compared(clear, 0), { challenger })).toMatchObject({
        promoted: false,
        reason: "too_few_outcomes",
        n: 0,
        champion_mae: null,
      });
      expect(promotionOf(compared(clear, 4), { challenger }).reason).toBe("too_few_outcomes");
      const crowded = compared(clear, 100);
      const fourDays = { ...crowded, days: crowded.days.map((_day, index) => 19_000 + (index % 4)) };
      expect(promotionOf(fourDays, { challenger }).reason).toBe("too_few_outcomes");
      expect(promotionOf(compared(clear, 5), { challenger }).promoted).toBe(true);
    }
  });
});
