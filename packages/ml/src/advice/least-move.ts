import type { AdvicePlace } from "./market-places.ts";

/** What keeping a share is worth at least, percentage points of APY: more than nothing, so that what need not leave stays. */
const keepingApyMin = 0.01;

/**
 * The places as they are where nothing is entered: the mix of these that keeps the limits and loses least is the move that nobody gets
 * around. Whether going further pays is another question.
 */
export function withoutEntering(places: readonly AdvicePlace[]): AdvicePlace[] {
  return places.map((place) => {
    let left = Math.min(place.capBp, place.currentBp);
    const pieces = place.pieces.flatMap(({ lengthBp, apy }) => {
      const kept = Math.min(lengthBp, left);
      left -= kept;
      return kept === 0 ? [] : [{ lengthBp: kept, apy: Math.max(apy, keepingApyMin) }];
    });
    return { ...place, capBp: Math.min(place.capBp, place.currentBp), pieces };
  });
}
