import { expect } from "vitest";
import type { MarketForecast, ProtocolForecast } from "../forecast/forecast-types.ts";

/** What holds for every forecast: finite figures, an interval around the value, a probability below 1. Test code only. */
export function expectHonest(forecasts: readonly (MarketForecast | ProtocolForecast)[]): void {
  for (const forecast of forecasts) {
    const { value, lower, upper, confidence, confidence_tolerance, current, baseline_value } = forecast;
    for (const number of [value, lower, upper, confidence, confidence_tolerance, current, baseline_value]) {
      expect(number).toBeTypeOf("number");
      expect(Number.isFinite(number)).toBe(true);
    }
    expect(lower).toBeLessThanOrEqual(value);
    expect(upper).toBeGreaterThanOrEqual(value);
    expect(confidence).toBeGreaterThanOrEqual(0);
    expect(confidence).toBeLessThan(1);
  }
}
