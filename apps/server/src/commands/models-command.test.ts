import { expect, it } from "vitest";
import { parseModelsCommand } from "./models-command.ts";
import { UsageError } from "./usage-error.ts";

it.each([
  ["list", { name: "list", source: undefined, kind: undefined, at: undefined, limit: 20 }],
  ["list --kind risk --limit 5", { name: "list", kind: "risk", limit: 5 }],
  ["live --at 2026-11-01T00:00:00Z", { name: "live", at: new Date("2026-11-01T00:00:00Z") }],
  ["live --at 2026-11-01", { name: "live", at: new Date("2026-11-01T00:00:00Z") }],
  ["rollback --kind yield", { name: "rollback", kind: "yield", to: undefined }],
  ["rollback --kind yield --to yield-a", { name: "rollback", kind: "yield", to: "yield-a" }],
  [
    "promote --source defillama --kind risk --to risk-a",
    { name: "promote", source: "defillama", to: "risk-a" },
  ],
])("understands %s", (line, command) => {
  expect(parseModelsCommand(line.split(" "))).toMatchObject(command);
});

it.each(["--help", "-h", "rollback --help"])("shows how it is used with %s", (line) => {
  expect(parseModelsCommand(line.split(" "))).toBe("help");
});

it.each([
  ["", "Say what to do"],
  ["delete", "There is no command delete"],
  ["list now", "What is now for?"],
  ["list --colour", "--colour"],
  ["list --kind apy", "There is no kind apy"],
  ["list --limit 0", "0 is not a whole number from 1 to 100"],
  ["list --at 2026-11-01T00:00:00Z", "list does not take --at"],
  ["live --to yield-a", "live does not take --to"],
  ["live --at yesterday", "yesterday is not a moment"],
  ["live --at 2026-11-01T00:00:00", "2026-11-01T00:00:00 is not a moment"],
  ["live --at 2026-13-01T00:00:00Z", "2026-13-01T00:00:00Z is not a moment"],
  ["rollback", "rollback needs --kind"],
  ["rollback --kind risk --limit 2", "rollback does not take --limit"],
  ["promote --kind risk", "promote needs --to VERSION"],
])("refuses '%s' and says why", (line, message) => {
  const parse = () => parseModelsCommand(line.split(" ").filter((word) => word !== ""));
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});
