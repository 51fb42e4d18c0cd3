import { useEffect, useRef, useState } from "react";

/**
 * The value, at most once in so many milliseconds: what follows quickly is seen together, and the last always.
 *
 * @param paceMs how long it takes at least from one to the next
 */
export function usePaced<TValue>(value: TValue, paceMs: number): TValue {
  const [paced, setPaced] = useState(value);
  const lastMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const waitMs = Math.max(0, lastMs.current + paceMs - performance.now());
    const timer = setTimeout(() => {
      lastMs.current = performance.now();
      setPaced(value);
    }, waitMs);
    return () => clearTimeout(timer);
  }, [value, paceMs]);
  return paced;
}
