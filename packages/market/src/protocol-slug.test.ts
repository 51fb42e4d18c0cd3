import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { protocolSlug, protocolSlugPattern } from "./protocol-slug.ts";

describe("protocolSlug", () => {
  it.each([
    ["nostra-money-market", "nostra"],
    ["Nostra Pools", "nostra"],
    ["ekubo", "ekubo"],
    ["Aave V3", "aave-v3"],
    ["  --Curve.fi / DEX!! ", "curve-fi-dex"],
  ])("names %j %j", (project, slug) => {
    expect(protocolSlug(project)).toBe(slug);
  });

  it("gives up when no letter or digit is left", () => {
    expect(protocolSlug("")).toBeUndefined();
    expect(protocolSlug("-- 漢字 --")).toBeUndefined();
  });

  it("always gives a slug of the documented form, and leaves slugs as they are", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (project) => {
        const slug = protocolSlug(project);
        if (slug !== undefined) {
          expect(slug).toMatch(protocolSlugPattern);
          expect(protocolSlug(slug)).toBe(slug);
        }
      }),
    );
  });
});
