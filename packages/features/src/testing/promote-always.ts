import type { DecidePromotion } from "../predictions/models/model-work.ts";

/** Lets every challenger win, with made-up figures. */
export const promoteAlways: DecidePromotion = (_challenger, champion) => ({
  promoted: true,
  reason: champion === undefined ? "first_model" : "beats_champion_and_baseline",
  n: 100,
  challenger_mae: 1,
  champion_mae: champion === undefined ? null : 2,
  baseline_mae: 3,
});
