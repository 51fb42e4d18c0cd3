import { expect, it } from "vitest";
import { z } from "zod";
import { scope } from "../auth/scope.ts";
import { listEndpoints, type NamedEndpoint } from "../contract.ts";
import { assertAccessDeclared } from "../testing/index.ts";
import { describeAccess } from "./endpoint.ts";

const endpoints = listEndpoints();

/** Changes nothing, although a mutation: its input does not fit into a URL. */
const readingMutations = ["predictions.what_if"];

function isScope(access: string): boolean {
  return scope.options.some((option) => option === access);
}

it("says of every endpoint who may call it", () => {
  expect(() => assertAccessDeclared(endpoints)).not.toThrow();
});

it("notices an endpoint that does not say who may call it", () => {
  const [first] = endpoints;
  const { access: _, ...withoutAccess } = { ...first?.endpoint };
  const added = { feature: "vaults", name: "list", path: "vaults.list", endpoint: withoutAccess };
  expect(() => assertAccessDeclared([...endpoints, added as NamedEndpoint])).toThrow(/vaults\.list/);
  const misspelt = { ...added, endpoint: { ...withoutAccess, access: "vault:read" } };
  // The types know no such access.
  expect(() => assertAccessDeclared([misspelt as NamedEndpoint])).toThrow(/vaults\.list/);
});

it("says of every mutation whose output lets its reader in that it does, and of no other", () => {
  const secrets = ["access_token", "refresh_token", "key", "secret", "recovery_codes", "redirect_to"];
  for (const { path, endpoint } of endpoints) {
    const fields = endpoint.output instanceof z.ZodObject ? Object.keys(endpoint.output.shape) : [];
    const hasSecret = secrets.some((secret) => fields.includes(secret));
    expect([path, endpoint.givesCredentials === true]).toEqual([path, hasSecret]);
  }
});

it("offers no scope that no endpoint asks for", () => {
  const accesses = new Set<string>(endpoints.map(({ endpoint }) => endpoint.access));
  expect(scope.options.filter((option) => !accesses.has(option))).toEqual([]);
});

/** Features without a scope of their own, and the one that opens what they tell of a user. */
const openedBy: Readonly<Record<string, string>> = { auth: "users", receipts: "predictions" };

it("names in every scope the feature that it opens, or the one that it belongs to", () => {
  for (const { path, feature, endpoint } of endpoints) {
    if (!isScope(endpoint.access)) continue;
    expect([path, endpoint.access.split(":")[0]]).toEqual([path, openedBy[feature] ?? feature]);
  }
});

it("asks for read where nothing is changed, and for write where something is", () => {
  for (const { path, endpoint } of endpoints) {
    if (!isScope(endpoint.access)) continue;
    const reads = endpoint.kind !== "mutation" || readingMutations.includes(path);
    expect([path, endpoint.access.split(":")[1]]).toEqual([path, reads ? "read" : "write"]);
  }
});

it("lets no API key change anything of auth: neither keys nor credentials, sessions or wallets", () => {
  for (const { path, feature, endpoint } of endpoints) {
    if (feature !== "auth" || endpoint.kind !== "mutation") continue;
    expect([path, isScope(endpoint.access)]).toEqual([path, false]);
  }
});

it("lets no API key see keys, sessions, the audit log or the export", () => {
  const closed = /^auth\.(api_keys|sessions)$|^users\.(audit_log|start_export|export_records|export_data)$/;
  const found = endpoints.filter(({ path }) => closed.test(path));
  expect(found).toHaveLength(6);
  expect(found.filter(({ endpoint }) => isScope(endpoint.access))).toEqual([]);
});

it("puts every access into words", () => {
  const words = new Set(endpoints.map(({ endpoint }) => describeAccess(endpoint.access)));
  expect(words.size).toBe(3 + scope.options.length);
  expect(z.array(z.string().min(10)).parse([...words])).toHaveLength(words.size);
});

it("deprecates from a real day, until a later one, in favour of an endpoint that there is", () => {
  const paths = new Set(endpoints.map(({ path }) => path));
  for (const { path, endpoint } of endpoints) {
    const { since, sunset, successor } = endpoint.deprecation ?? {};
    for (const day of [since, sunset]) {
      if (day !== undefined) expect([path, z.iso.date().safeParse(day).success]).toEqual([path, true]);
    }
    expect([path, sunset === undefined || sunset > (since ?? "")]).toEqual([path, true]);
    expect([path, successor === undefined || paths.has(successor)]).toEqual([path, true]);
  }
});
