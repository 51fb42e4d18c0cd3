import { expect, it } from "vitest";
import { judgeChanges, readDeclarations } from "./judge-changes.ts";

const changes = [
  { id: "a: removed", isBreaking: true },
  { id: "b: removed", isBreaking: true },
  { id: "c: added", isBreaking: false },
];

it("tells declared breaks from those that nobody has declared, and finds declarations of nothing", () => {
  const declarations = ["a: removed", "c: added", "d: removed"].map((id) => ({
    id,
    reason: "Nobody used it.",
  }));
  const [ofA, ofC, ofD] = declarations;
  expect(judgeChanges(changes, declarations)).toEqual({
    compatible: ["c: added"],
    declared: [ofA],
    undeclared: ["b: removed"],
    unmatched: [ofC, ofD],
  });
});

it.each(["{}", "[1]", "[null]", '[{"id":"a"}]', '[{"id":"a","reason":" "}]', '[{"reason":"b"}]'])(
  "refuses declarations such as %s",
  (text) => {
    expect(() => readDeclarations(text)).toThrow("breaking-changes.json");
  },
);

it("reads declarations with their reasons", () => {
  const declarations = [{ id: "a: removed", reason: "Nobody used it." }];
  expect(readDeclarations(JSON.stringify(declarations))).toEqual(declarations);
});
