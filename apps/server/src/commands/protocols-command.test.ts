import { expect, it } from "vitest";
import { parseProtocolsCommand } from "./protocols-command.ts";
import { UsageError } from "./usage-error.ts";

const evidenceUrl = "https://example.org/post-mortem";
const decision = { name: "set-status", protocol: "vesu", status: "exploited", evidenceUrl };

it.each([
  ["list", { name: "list" }],
  ["history vesu", { name: "history", protocol: "vesu" }],
  [`set-status vesu exploited --evidence ${evidenceUrl}`, decision],
  [
    `set-status vesu exploited --evidence ${evidenceUrl} --since 2026-11-01 --reason drained`,
    { ...decision, since: new Date("2026-11-01"), reason: "drained" },
  ],
  ["set-status vesu registry", { name: "clear-status", protocol: "vesu" }],
  [
    `set-status vesu registry --evidence ${evidenceUrl} --reason recovered`,
    { name: "clear-status", protocol: "vesu", evidenceUrl, reason: "recovered" },
  ],
  ["kinds", { name: "kinds" }],
  ["set-kind morpho lending", { name: "set-kind", protocol: "morpho", kind: "lending" }],
  ["set-kind morpho feed --reason seen", { name: "set-kind", protocol: "morpho", reason: "seen" }],
])("understands %s", (line, command) => {
  expect(parseProtocolsCommand(line.split(" "))).toEqual(command);
});

it.each(["--help", "-h", "set-status --help"])("shows how it is used with %s", (line) => {
  expect(parseProtocolsCommand(line.split(" "))).toBe("help");
});

it.each([
  ["", "Say what to do"],
  ["delete", "There is no command delete"],
  ["list vesu", "What is vesu for?"],
  ["list --reason why", "list does not take --reason"],
  ["history", "history needs the NAME"],
  ["set-status vesu", "set-status needs the NAME of a protocol and a STATUS"],
  ["set-status vesu broken", "There is no status broken"],
  ["set-status vesu exploited", "needs --evidence URL"],
  [
    "set-status vesu exploited --evidence http://example.org",
    "http://example.org is not an https:// address",
  ],
  ["set-status vesu exploited --evidence hearsay", "hearsay is not an https:// address"],
  [`set-status vesu exploited --evidence ${evidenceUrl} --since yesterday`, "yesterday is not a moment"],
  ["set-status vesu registry --since 2026-11-01", "does not take --since"],
  ["set-kind morpho", "set-kind needs the NAME of a protocol and a KIND"],
  ["set-kind morpho vault", "There is no kind vault: use lending, dex, unknown or feed"],
  ["set-kind morpho dex --since 2026-11-01", "set-kind does not take --since"],
  ["kinds morpho", "What is morpho for?"],
  [`set-status vesu paused --evidence ${evidenceUrl} --reason ${"x".repeat(501)}`, "1 to 500 characters"],
])("refuses '%s' and says why", (line, message) => {
  const parse = () => parseProtocolsCommand(line.split(" ").filter((word) => word !== ""));
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});
