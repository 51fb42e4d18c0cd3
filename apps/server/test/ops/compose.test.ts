import { expect, it } from "vitest";
import { readRepositoryFile } from "./ops-files.ts";

const compose = readRepositoryFile("docker-compose.yml");
const settings = new Set(readRepositoryFile(".env.example").match(/^[A-Z][A-Z0-9_]*(?==)/gm));

/** A service of the compose file, as text. */
function service(name: string): string {
  const [, text = ""] = new RegExp(`^  ${name}:\n((?: {4}.*\n|\n| *#.*\n)+)`, "m").exec(compose) ?? [];
  return text;
}

it("passes every setting on to the server, and sets none that it does not know", () => {
  expect(service("server")).toMatch(/env_file:\n +- path: \.env\n/);
  const set = [...service("server").matchAll(/^ {6}([A-Z][A-Z0-9_]*):/gm)].map(([, name = ""]) => name);
  expect(set).toContain("DATABASE_URL");
  expect(set.filter((name) => !settings.has(name))).toEqual([]);
});

it("takes a password of Postgres with any characters: it is part of no address", () => {
  expect(compose).not.toMatch(/:\/\/.*\$\{/);
});

it("bounds the logs of every service, and leaves the server time to stop in order", () => {
  for (const name of ["postgres", "server"]) expect(service(name)).toContain("logging: *logging");
  expect(compose).toContain("max-size:");
  expect(service("server")).toContain("stop_grace_period: 20s");
});
