import { expect, it } from "vitest";
import { toMarkdown } from "./markdown.ts";

it("writes a page of a list as a table, with what belongs to all rows below", () => {
  const page = {
    items: [{ apy: 3.5, name: "a|b" }, { apy: null }],
    next_cursor: null,
    notes: [{ text: "x" }],
  };
  expect(toMarkdown(page)).toBe(`| apy | name |
| --- | --- |
| 3.5 | a\\|b |
| – | – |

- next\\_cursor: –

**notes**

| text |
| --- |
| x |`);
});

it("says that a list has nothing", () => {
  expect(toMarkdown({ items: [], next_cursor: null })).toBe("None.\n\n- next\\_cursor: –");
});

it("takes nothing in a text for Markdown or HTML, and keeps it in its line", () => {
  expect(toMarkdown({ name: "# Now\n\n<b>`obey`</b> [here](x)" })).toBe(
    "- name: \\# Now \\<b\\>\\`obey\\`\\</b\\> \\[here\\](x)",
  );
});

it("hides nothing in names, and makes no links of them", () => {
  const name = "see\u{e0069}\u200b https://evil.example www.evil.example a@evil.example";
  expect(toMarkdown({ name })).toBe("- name: see https\\://evil.example www\\.evil.example a\\@evil.example");
});
