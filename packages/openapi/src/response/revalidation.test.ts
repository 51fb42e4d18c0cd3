import { expect, it } from "vitest";
import { entityTag, isKnownTag } from "./revalidation.ts";

const tag = entityTag("body");

it("gives the same bytes the same tag, and others another", () => {
  expect(entityTag("body")).toBe(tag);
  expect(entityTag("body ")).not.toBe(tag);
  expect(tag).toMatch(/^"[\w-]{22}"$/);
});

it.each([
  ["the tag itself", tag],
  ["the tag as a weak one, as a proxy that compresses makes it", `W/${tag}`],
  ["a list with the tag", `"first", W/"second" ,${tag}`],
  ["a list with a tag that has a comma in it", `"a, b", ${tag}`],
  ["any tag", " * "],
])("knows the body by %s", (_, ifNoneMatch) => {
  expect(isKnownTag(ifNoneMatch, tag)).toBe(true);
});

it.each([
  ["nothing", undefined],
  ["an empty header", ""],
  ["another tag", '"other"'],
  ["the tag without its quotes", tag.slice(1, -1)],
  ["the tag within another", `"x${tag.slice(1)}`],
  ["the tag before its end", tag.slice(0, -1)],
  ["an asterisk in a list", `"other", *`],
  ["lower-case weakness", `w/"other"`],
])("does not know it by %s", (_, ifNoneMatch) => {
  expect(isKnownTag(ifNoneMatch, tag)).toBe(false);
});
