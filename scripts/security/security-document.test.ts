import { describe, expect, it } from "vitest";
import { asvsRequirements } from "./asvs-requirements.ts";
import { findProblems, readEntries } from "./security-document.ts";

const requirements = [
  { id: "V6.1.1", level: 1 },
  { id: "V6.1.2", level: 2 },
  { id: "V6.1.3", level: 3 },
] as const;

const document = `# Security

## Brute force: how it is held off

Words.

- **V6.1.1** (L1) Passwords are hard
  to guess.
  - Stated: in [Brute force](#brute-force-how-it-is-held-off)
  - Test: \`packages/features/src/a.test.ts\` › “refuses a guess”
- **V6.1.2** (L2) Something else.
  - Test:
    \`packages/features/src/a.test.ts\` › “says “no” to %s”
  - Falls short: for a reason.

## What else is proved

- Test: \`packages/features/src/a.test.ts\` › “refuses everything”
`;

const read = (file: string) =>
  file === "packages/features/src/a.test.ts"
    ? ["refuses a guess", "says “no” to %s", "refuses everything"]
    : undefined;
const problemsOf = (text: string) => findProblems(text, read, requirements);

describe("the document", () => {
  it("is read with everything that it says about a requirement", () => {
    expect(readEntries(document)).toEqual([
      {
        id: "V6.1.1",
        level: 1,
        statements: [
          { kind: "Stated", text: "in [Brute force](#brute-force-how-it-is-held-off)" },
          { kind: "Test", text: "`packages/features/src/a.test.ts` › “refuses a guess”" },
        ],
      },
      {
        id: "V6.1.2",
        level: 2,
        statements: [
          { kind: "Test", text: "`packages/features/src/a.test.ts` › “says “no” to %s”" },
          { kind: "Falls short", text: "for a reason." },
        ],
      },
    ]);
  });

  it("holds when every requirement of levels 1 and 2 is there and every test exists", () => {
    expect(problemsOf(document)).toEqual([]);
  });

  it.each([
    ["a requirement that is missing", "**V6.1.2**", "**V6.1.3**", "V6.1.2 (L2) is missing."],
    ["a requirement of another level", "(L2)", "(L1)", "V6.1.2 is of level 2, not 1."],
    [
      "a requirement that does not exist",
      "**V6.1.2**",
      "**V6.1.9**",
      "V6.1.9 is not a requirement of these chapters.",
    ],
    [
      "a requirement that stands there twice",
      "**V6.1.2** (L2)",
      "**V6.1.1** (L1)",
      "V6.1.1 stands there twice.",
    ],
    [
      "a test that is not there",
      "refuses a guess",
      "refuses two",
      "V6.1.1: packages/features/src/a.test.ts has no test “refuses two”.",
    ],
    [
      "a part of a test's title",
      "refuses a guess",
      "refuses",
      "V6.1.1: packages/features/src/a.test.ts has no test “refuses”.",
    ],
    [
      "a file that is not there",
      "src/a.test.ts` › “r",
      "src/b.test.ts` › “r",
      "V6.1.1: there is no file packages/features/src/b.test.ts.",
    ],
    [
      "a test in another form",
      "› “refuses a guess”",
      "refuses a guess",
      "V6.1.1: not in the form of a test: `packages/features/src/a.test.ts` refuses a guess",
    ],
    [
      "a test that belongs to no requirement and is not there",
      "refuses everything",
      "refuses it all",
      "packages/features/src/a.test.ts has no test “refuses it all”.",
    ],
    [
      "a section that is not there",
      "(#brute-force-how-it-is-held-off)",
      "(#elsewhere)",
      "V6.1.1: there is no heading #elsewhere.",
    ],
  ])("does not hold with %s", (_what, from, to, problem) => {
    expect(problemsOf(document.replace(from, to))).toContain(problem);
  });

  it("does not hold when a requirement has neither a test nor a reason", () => {
    const bare = document.replace(/ {2}- Test:\n.*\n.*\n/, "");
    expect(problemsOf(bare)).toEqual(["V6.1.2 has neither a test nor a reason."]);
  });
});

it("knows the 67 requirements of levels 1 and 2, and the 19 of level 3", () => {
  const count = (level: number) => asvsRequirements.filter((each) => each.level === level).length;
  expect([count(1) + count(2), count(3)]).toEqual([67, 19]);
});
