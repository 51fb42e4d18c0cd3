import { expect, it } from "vitest";
import { listTestTitles } from "./test-titles.ts";

it("lists tests in every way of writing them", () => {
  const source = `
    it("plain", () => {});
    test('of test, in single quotes', () => {});
    it(\`in a template\`, () => {});
    describe("a group", () => {
      it(
        "on a line of its own",
        async () => {},
      );
    });
    it.each([
      ["a (", "b \\" )"], // one more )
      [\`c )\`, ')'],
    ])("once per row: %s", () => {});
    it.each<[string]>([["x"]])("typed %s", () => {});
    it.runIf(process.platform === "linux")("on a condition", () => {});
    it.skipIf(isAway(false))("unless a condition", () => {});
    it("with \\"quotes\\" and a \\\\", () => {});
    it.concurrent("beside others", async () => {});
  `;
  expect(listTestTitles(source)).toEqual([
    "plain",
    "of test, in single quotes",
    "in a template",
    "on a line of its own",
    "once per row: %s",
    "typed %s",
    "on a condition",
    "unless a condition",
    'with "quotes" and a \\',
    "beside others",
  ]);
});

it.each(["skip", "todo", "fails"])("leaves out what is marked with %s", (mark) => {
  expect(listTestTitles(`it.${mark}("marked", () => {}); it("run", () => {});`)).toEqual(["run"]);
});

it("leaves out what is not a test", () => {
  const source = `
    describe("a group", () => {});
    expect(it("nested")).toBe(1);
    split("not a test");
    lit.test("neither");
    const title = "a text";
    it(title, () => {});
  `;
  expect(listTestTitles(source)).toEqual(["nested"]);
});
