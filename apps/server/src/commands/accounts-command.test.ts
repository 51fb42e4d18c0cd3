import { expect, it } from "vitest";
import { parseAccountsCommand } from "./accounts-command.ts";
import { UsageError } from "./usage-error.ts";

it.each([
  ["verify-audit", { name: "verify-audit", selection: "all" }],
  ["verify-audit --all", { name: "verify-audit", selection: "all" }],
  ["verify-audit --email Ada@Example.org", { name: "verify-audit", selection: { email: "ada@example.org" } }],
  ["end-sessions --email ada@example.org", { name: "end-sessions", selection: { email: "ada@example.org" } }],
  ["end-sessions --all", { name: "end-sessions", selection: "all" }],
  [
    "set-plan --email Ada@Example.org --plan pro",
    { name: "set-plan", email: "ada@example.org", plan: "pro" },
  ],
  ["grant-operator --email Ada@Example.org", { name: "grant-operator", email: "ada@example.org" }],
  ["withdraw-operator --email ada@example.org", { name: "withdraw-operator", email: "ada@example.org" }],
])("understands %s", (line, command) => {
  expect(parseAccountsCommand(line.split(" "))).toEqual(command);
});

it.each(["--help", "-h", "end-sessions --help"])("shows how it is used with %s", (line) => {
  expect(parseAccountsCommand(line.split(" "))).toBe("help");
});

it.each([
  ["", "Say what to do"],
  ["delete", "There is no command delete"],
  ["verify-audit now", "What is now for?"],
  ["verify-audit --everybody", "--everybody"],
  ["verify-audit --email", "--email"],
  ["verify-audit --email ada", "ada is not an email address"],
  ["verify-audit --all --email ada@example.org", "Use either --email or --all"],
  ["end-sessions", "end-sessions needs --email EMAIL or --all"],
  ["grant-operator", "grant-operator needs --email EMAIL"],
  ["set-plan --email ada@example.org", "set-plan needs --email EMAIL and --plan PLAN"],
  ["set-plan --email ada@example.org --plan gold", "There is no plan gold: use free or pro"],
])("refuses '%s' and says why", (line, message) => {
  const parse = () => parseAccountsCommand(line.split(" ").filter((word) => word !== ""));
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});
