import { listEndpoints } from "@obsqra/contract";
import { type ContractSchemas, type JsonSchema, referenceName } from "@obsqra/contract/schemas";

/** What each named schema is for, in few words, for those that say nothing about themselves: by what takes, gives or has it. */
export function describeTypeUses(
  { endpoints }: ContractSchemas,
  named: ReadonlyMap<string, JsonSchema>,
): ReadonlyMap<string, string> {
  const uses = new Map<string, string>();
  const note = (schema: JsonSchema | undefined, text: string) => {
    if (schema?.$ref === undefined) return;
    const name = referenceName(schema.$ref);
    if (!uses.has(name)) uses.set(name, text);
  };
  for (const { path, endpoint } of listEndpoints()) {
    const { input, output } = endpoints.get(endpoint) ?? {};
    note(input, `Input of ${path}.`);
    note(output, `Output of ${path}.`);
  }
  for (const [parent, schema] of named) {
    for (const [, reference = ""] of JSON.stringify(schema).matchAll(/"\$ref":"([^"]+)"/g)) {
      note({ $ref: reference }, `Part of ${parent}.`);
    }
  }
  for (const name of named.keys()) if (!uses.has(name)) uses.set(name, "Part of the details of an error.");
  return uses;
}
