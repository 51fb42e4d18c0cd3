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

const model = { servedBy: "model", test: { challenger: 1, baseline: 1 } } as const;
const baseline = { servedBy: "baseline", test: { challenger: 1, baseline: 1 } } as const;

describe("promotion", () => {
  it("makes the first model the champion, even without a forecast to show", () => {
    const first = compared({ challenger: 2, baseline: 1 });
    expect(promotionOf(first, baseline)).toEqual({
      promoted: true,
      reason: "first_model",
      n: 10,
      challenger_mae: 2,
      champion_mae: null,
      baseline_mae: 1,
    });
    expect(promotionOf(compared({ challenger: 2, baseline: 1 }, 0), model)).toEqual({
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
    expect(promotionOf(better, model)).toEqual({
      promoted: true,
      reason: "beats_champion_and_baseline",
      n: 10,
      challenger_mae: 1,
      champion_mae: 1.5,
      baseline_mae: 2,
    });
  });

  it("replaces the champion by a newer model that errs as much, or hardly more, and not by one that errs clearly more", () => {
    for (const champion of [2.5, 2, 2 / 1.05 + 1e-9]) {
      expect(promotionOf(compared({ challenger: 2, champion, baseline: 1.9 }), model)).toMatchObject({
        promoted: true,
        reason: "as_good_as_champion",
      });
    }
    for (const champion of [1, 2 / 1.05 - 1e-9]) {
      expect(promotionOf(compared({ challenger: 2, champion, baseline: 3 }), model)).toMatchObject({
        promoted: false,
        reason: "not_better_than_champion",
      });
    }
  });

  it("lets a challenger without a fitted model take over only from a champion that has fallen behind it", () => {
    const behind = compared({ challenger: 2, champion: 3, baseline: 2 });
    expect(promotionOf(behind, baseline)).toMatchObject({
      promoted: true,
      reason: "champion_fell_behind_baseline",
    });
    for (const champion of [1, 2]) {
      const errors = compared({ challenger: 2, champion, baseline: 2 });
      expect(promotionOf(errors, baseline)).toMatchObject({
        promoted: false,
        reason: "not_better_than_baseline",
      });
    }
  });

  it("asks the challenger's own test until there are outcomes of five days, however many there are of each", () => {
    const clear = { challenger: 9, champion: 1, baseline: 1 };
    const crowded = compared(clear, 100);
    const fourDays = { ...crowded, days: crowded.days.map((_day, index) => 19_000 + (index % 4)) };
    for (const errors of [compared(clear, 0), compared(clear, 4), fourDays]) {
      for (const [test, promoted] of [
        [{ challenger: 1.05, baseline: 1 }, true],
        [{ challenger: 1.06, baseline: 1 }, false],
      ] as const) {
        expect(promotionOf(errors, { servedBy: "model", test })).toMatchObject({
          promoted,
          reason: "too_few_outcomes",
        });
        expect(promotionOf(errors, { servedBy: "baseline", test }).promoted).toBe(false);
      }
    }
    expect(promotionOf(compared(clear, 5), model).reason).toBe("not_better_than_champion");
  });
});
