import { z } from "zod";

type RawIssue = Parameters<NonNullable<NonNullable<Parameters<typeof z.config>[0]>["customError"]>>[0];

/** What a caller should send instead, where a schema has no message of its own; undefined leaves it to zod. */
function describeIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return `use ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `use ${issue.values.map(String).join(" or ")}`;
    case "too_small":
      return `use at least ${issue.minimum}${countedUnit(issue.origin, issue.minimum)}`;
    case "too_big":
      return `use at most ${issue.maximum}${countedUnit(issue.origin, issue.maximum)}`;
    case "invalid_format":
      return formats[issue.format];
    case "unrecognized_keys":
      return `unknown field: ${issue.keys.slice(0, 5).join(", ")}`;
    case "invalid_key":
      return "this name is not allowed here";
    default:
      return undefined;
  }
}

const formats: Readonly<Record<string, string>> = {
  datetime:
    "use a date and time with its offset (RFC 3339), such as 2026-11-01T00:00:00Z; in a query, + is written %2B",
};

const kinds: Readonly<Record<string, string>> = {
  object: "a JSON object",
  record: "a JSON object",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function countedUnit(origin: string, count: number | bigint): string {
  const unit = units[origin];
  if (unit === undefined) return "";
  return ` ${unit}${Number(count) === 1 ? "" : "s"}`;
}

const units: Readonly<Record<string, string>> = { string: "character", array: "item" };

// zod reads this when it makes a message, so importing the contract is enough.
z.config({ customError: describeIssue });
