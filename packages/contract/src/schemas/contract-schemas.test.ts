import { expect, it } from "vitest";
import { z } from "zod";
import {
  type JsonSchema,
  mapReferences,
  readContractSchemas,
  readSchema,
  resolve,
  withoutLeftOut,
} from "./contract-schemas.ts";

const person = z.object({ name: z.string() }).meta({ id: "Person" });

it("reads the schemas of every endpoint, and leads every reference to a schema with a name", () => {
  const { named, endpoints } = readContractSchemas();
  for (const { input, output } of endpoints.values()) {
    for (const schema of [input, output, ...named.values()]) {
      if (schema === undefined) continue;
      mapReferences(schema, (name) => {
        expect([...named.keys()]).toContain(name);
        return name;
      });
    }
  }
});

it("reads nothing where nothing is taken or given", () => {
  expect(readSchema(z.undefined(), "output", new Map())).toBeUndefined();
});

it("keeps a schema that has a name apart from what refers to it", () => {
  const named = new Map<string, JsonSchema>();
  const schema = readSchema(z.object({ owner: person, heir: person }), "output", named);
  expect(schema?.properties?.owner).toEqual({ $ref: "#/$defs/Person" });
  expect([...named.keys()]).toEqual(["Person"]);
  expect(resolve({ $ref: "#/$defs/Person", description: "Whose it is" }, named)).toMatchObject({
    type: "object",
    required: ["name"],
    description: "Whose it is",
  });
});

it("leaves null out of every input just where the contract would refuse it and may do without", () => {
  let fields = 0;
  for (const [{ input }, { input: schema }] of readContractSchemas().endpoints) {
    if (!(input instanceof z.ZodObject) || schema === undefined) continue;
    for (const [name, field] of Object.entries(input.shape) as [string, z.ZodType][]) {
      const isKept = field.safeParse(null).success || !field.safeParse(undefined).success;
      const given = withoutLeftOut(schema, { [name]: null });
      expect([name, given]).toEqual([name, isKept ? { [name]: null } : {}]);
      fields += 1;
    }
  }
  expect(fields).toBeGreaterThan(50);
});

it("refuses a reference to no schema", () => {
  expect(() => resolve({ $ref: "#/$defs/Nobody" }, new Map())).toThrow("no schema #/$defs/Nobody");
});

it("refuses one name for two schemas", () => {
  const named = new Map<string, JsonSchema>();
  readSchema(z.object({ owner: person }), "output", named);
  const other = z.object({ owner: z.object({ age: z.int() }).meta({ id: "Person" }) });
  expect(() => readSchema(other, "output", named)).toThrow(/called Person/);
});

it("gives free-form JSON a name, and refuses any other recursion without one", () => {
  const named = new Map<string, JsonSchema>();
  readSchema(z.object({ details: z.json() }), "output", named);
  expect([...named.keys()]).toEqual(["JsonValue"]);
  const tree = z.object({
    get children() {
      return z.array(tree);
    },
  });
  expect(() => readSchema(z.object({ tree }), "output", named)).toThrow(/has no name/);
});
