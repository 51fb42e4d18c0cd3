import { type JsonSchema, mapReferences, resolve } from "@obsqra/contract/schemas";

/** The schema of an object that needs nothing else: all that it refers to is under its own `$defs`. */
export type ObjectSchema = JsonSchema & { readonly type: "object" };

/**
 * Makes a schema of the contract one that stands alone, as a tool's have to. Without a schema, it is that of an object without fields.
 *
 * @throws when the schema is not that of an object
 */
export function selfContainedSchema(
  schema: JsonSchema | undefined,
  named: ReadonlyMap<string, JsonSchema>,
): ObjectSchema {
  if (schema === undefined) return { type: "object", properties: {}, additionalProperties: false };
  const { id: _, ...root } = resolve(schema, named);
  if (root.type !== "object") throw new Error("What a tool takes or gives is an object.");
  const definitions = new Map<string, JsonSchema>();
  const collect = (name: string): string => {
    const definition = named.get(name);
    if (definition === undefined) throw new Error(`The contract has no schema ${name}.`);
    if (!definitions.has(name)) {
      definitions.set(name, definition);
      definitions.set(name, mapReferences(definition, collect));
    }
    return `#/$defs/${name}`;
  };
  const alone = mapReferences(root, collect);
  const $defs = definitions.size === 0 ? {} : { $defs: Object.fromEntries(definitions) };
  return { ...alone, type: "object", ...$defs };
}
