import { type Endpoint, permissionOf } from "@obsqra/contract";
import type { JsonSchema } from "@obsqra/contract/schemas";
import type { RecordedExample } from "../examples/recorded-examples.ts";
import { listPathFields, takesBody } from "../rest/read-input.ts";
import { type DocumentPart, toDocumentSchema } from "./components.ts";

/**
 * The headers that requests may carry, by component name. Without examples: /docs would send them, and a key that
 * everybody sends is no key.
 */
export const parameterComponents = {
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Makes the request safe to repeat for 24 hours: with the same key and the same input it is done once, and later requests get the first response again, byte for byte, with `Idempotent-Replayed: true`. Take a new one, such as a UUID, for each thing that you want done.",
    schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" },
  },
  ObsqraOwner: {
    name: "Obsqra-Owner",
    in: "header",
    description:
      "Whose data the request is about: the id of an organisation that you are a member of, where your role lets you. Left out, it is your own. An API key acts for its own owner, and needs none.",
    schema: { type: "string", format: "uuid" },
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description:
      "The ETag of the response that you have. You get 304, without a body, if it is still the same.",
    schema: { type: "string" },
  },
} as const satisfies { readonly [name: string]: DocumentPart };

/** An endpoint's parameters: fields of its input in path and query, then headers. */
export function buildParameters(
  endpoint: Endpoint,
  { properties = {}, required = [] }: JsonSchema,
  example: RecordedExample | undefined,
): DocumentPart[] {
  const inPath = listPathFields(endpoint.rest.path);
  const names = Object.keys(properties).filter((name) => inPath.includes(name) || !takesBody(endpoint));
  const fields = names.map((name) => {
    const { description, ...schema } = toDocumentSchema(properties[name] as JsonSchema);
    const isInPath = inPath.includes(name);
    return {
      name,
      in: isInPath ? "path" : "query",
      ...(isInPath || required.includes(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(example?.input?.[name] === undefined ? {} : { example: example.input[name] }),
    };
  });
  return [...fields, ...headerParameters(endpoint)];
}

function headerParameters(endpoint: Endpoint): DocumentPart[] {
  const { kind, revalidates = false } = endpoint;
  const names: (keyof typeof parameterComponents)[] = [];
  if (permissionOf(endpoint) !== undefined) names.push("ObsqraOwner");
  if (kind === "mutation") names.push("IdempotencyKey");
  if (revalidates) names.push("IfNoneMatch");
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}
