import { expect, it } from "vitest";
import { z } from "zod";
import { listEndpoints } from "../contract.ts";
import { isList } from "./endpoint.ts";

const queries = listEndpoints().filter(({ endpoint }) => endpoint.kind === "query");

/** The fields of an object, whatever stands for it when it is left out. */
function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  return schema instanceof z.ZodPrefault ? shapeOf(schema.def.innerType as z.ZodType) : {};
}

it("pages every list: it takes limit and cursor, gives next_cursor, and can refuse a cursor that is not valid", () => {
  const lists = queries.filter(({ endpoint }) => "items" in shapeOf(endpoint.output));
  expect(lists.length).toBeGreaterThan(10);
  for (const { path, endpoint } of lists) {
    expect([path, isList(endpoint)]).toEqual([path, true]);
    const { limit, cursor } = shapeOf(endpoint.input);
    expect([path, limit?.safeParse(undefined).success, limit?.safeParse(0).success]).toEqual([
      path,
      true,
      false,
    ]);
    expect([path, limit?.safeParse(1001).success]).toEqual([path, false]);
    expect([path, cursor?.safeParse(undefined).success]).toEqual([path, true]);
    expect([path, endpoint.errors.includes("CURSOR_INVALID")]).toEqual([path, true]);
    expect([path, endpoint.input.safeParse(undefined).success]).toEqual([path, true]);
  }
});

// Arrays in a response that is about something else. They cannot grow without end.
const parts = [
  "analytics.dashboard: protocols",
  "analytics.overview: protocols",
  "auth.identity_providers: providers",
  "predictions.forecast_history: witnesses",
  "predictions.track_record: suggestions",
  "predictions.track_record: witnesses",
  "predictions.track_record_parts: suggestions",
  "predictions.track_record_parts: witnesses",
  "receipts.chains: chains",
  "receipts.suggestion: batches",
  "users.preferences: assets",
  "users.preferences: must_stay",
  "users.preferences: preferred_protocols",
  "users.usage: limits",
  "webhooks.get: topics",
];

it("has no list under another name than items", () => {
  const arrays = queries.flatMap(({ path, endpoint }) => {
    expect([path, endpoint.output instanceof z.ZodArray]).toEqual([path, false]);
    return Object.entries(shapeOf(endpoint.output))
      .filter(([name, field]) => name !== "items" && field instanceof z.ZodArray)
      .map(([name]) => `${path}: ${name}`);
  });
  expect(arrays.sort()).toEqual(parts);
});

it("knows no list among the other endpoints", () => {
  const others = listEndpoints().filter(({ endpoint }) => endpoint.kind === "mutation");
  expect(others.filter(({ endpoint }) => isList(endpoint))).toEqual([]);
});
