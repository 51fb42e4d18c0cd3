import { expect, it } from "vitest";
import { listEndpoints } from "../contract.ts";
import { type JsonSchema, readContractSchemas, resolve } from "../schemas/contract-schemas.ts";
import { isList } from "./endpoint.ts";
import { relations } from "./relations.ts";

const { named, endpoints } = readContractSchemas();
const fieldsOf = (schema: JsonSchema) => Object.keys(resolve(schema, named).properties ?? {});

it.each(relations)(
  "leads by $name to the objects of a public list, by a field that both sides have",
  (relation) => {
    const endpoint = listEndpoints().find(({ path }) => path === relation.path)?.endpoint;
    if (endpoint === undefined) throw new Error(`There is no list ${relation.path}.`);
    expect([isList(endpoint), endpoint.access]).toEqual([true, "public"]);
    expect(endpoint.input.safeParse(relation.input).success).toBe(true);
    const { items } = resolve(endpoints.get(endpoint)?.output ?? {}, named).properties ?? {};
    const { items: item } = resolve(items as JsonSchema, named);
    expect(fieldsOf(item as JsonSchema)).toContain(relation.by);
    for (const id of relation.of) {
      const fields = fieldsOf(named.get(id) ?? {});
      expect([id, fields]).toEqual([id, expect.arrayContaining([relation.by])]);
      expect(fields).not.toContain(relation.name);
    }
  },
);

it("calls nothing else in the contract as what leads somewhere: costs are told by the names", () => {
  const names = new Set(
    [...named.values(), ...[...endpoints.values()].flatMap(({ output = {} }) => [output])].flatMap(fieldsOf),
  );
  for (const { name } of relations) expect([name, names.has(name)]).toEqual([name, false]);
});
