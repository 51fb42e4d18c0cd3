import { describeEndpointAccess, listEndpoints, type NamedEndpoint } from "@obsqra/contract";
import { type JsonSchema, readContractSchemas, resolve } from "@obsqra/contract/schemas";
import { guide, type OpenApiDocument } from "../document/build-openapi-document.ts";
import { describeErrors } from "../document/error-descriptions.ts";
import { findExample } from "../examples/recorded-examples.ts";

const about =
  "Risk and yield forecasts of DeFi protocols on Starknet, advice within your limits, and a log that proves them.";

/**
 * The documentation as plain text, for language models (llmstxt.org): `/llms.txt` says what there is, `/llms-full.txt` has all of it.
 */
export function renderPlainTexts({ tags }: Pick<OpenApiDocument, "tags">): Map<string, string> {
  return new Map([
    ["/llms.txt", renderIndex(tags)],
    ["/llms-full.txt", renderAll(tags)],
  ]);
}

function renderIndex(tags: OpenApiDocument["tags"]): string {
  const lines = tags.flatMap(({ name: feature, description }) => [
    `\n## ${feature}\n\n${description}\n`,
    ...endpointsOf(feature).map((named) => `- ${callOf(named)}: ${named.endpoint.summary}`),
  ]);
  return `# Obsqra API

> ${about}

- [The guide, every call with an example, and every error, in one text](/llms-full.txt)
- [OpenAPI document](/openapi.json)
- [Interactive documentation](/docs)
- [Errors](/errors)
- Agents: the calls that read are tools of the Model Context Protocol at /mcp. What is public needs no key; for the rest an agent signs its user in by OAuth 2.1 (/.well-known/oauth-protected-resource/mcp), or sends an API key.
${lines.join("\n")}
`;
}

function renderAll(tags: OpenApiDocument["tags"]): string {
  const calls = tags.flatMap(({ name, description }) => [
    `## ${name}\n\n${description}`,
    ...endpointsOf(name).map(renderEndpoint),
  ]);
  const errors = describeErrors().map(({ code, status, message }) => `- ${code} (${status}): ${message}`);
  return `# Obsqra API

> ${about}

${guide}
# Calls

${calls.join("\n\n")}

# Errors

${errors.join("\n")}
`;
}

function renderEndpoint(named: NamedEndpoint): string {
  const { endpoint, path } = named;
  const schemas = readContractSchemas();
  const input = schemas.endpoints.get(endpoint)?.input;
  const example = findExample(path);
  const json = (name: string, value: unknown) =>
    value === undefined ? [] : [`${name}, for example: \`${JSON.stringify(value)}\``];
  return [
    `### ${callOf(named)}`,
    [endpoint.summary, endpoint.description].filter(Boolean).join(". "),
    `${describeEndpointAccess(endpoint)}.`,
    ...(input === undefined ? [] : [renderFields(resolve(input, schemas.named), schemas.named)]),
    ...json("Input", example?.input),
    ...json("Output", example?.output),
    ...(endpoint.errors.length === 0
      ? []
      : [`Errors besides those of every call: ${endpoint.errors.join(", ")}`]),
  ].join("\n\n");
}

function renderFields(
  { properties = {}, required = [] }: JsonSchema,
  named: ReadonlyMap<string, JsonSchema>,
): string {
  return Object.entries(properties)
    .map(([name, field]) => {
      const { type, enum: options, description } = typeof field === "boolean" ? {} : resolve(field, named);
      const what =
        options === undefined
          ? (type ?? "any of several")
          : options.map((option) => JSON.stringify(option)).join(" or ");
      const text = description === undefined ? "" : `: ${description}`;
      return `- \`${name}\` (${what}${required.includes(name) ? "" : ", optional"})${text}`;
    })
    .join("\n");
}

function endpointsOf(feature: string): NamedEndpoint[] {
  return listEndpoints().filter((named) => named.feature === feature);
}

function callOf({ path, endpoint: { rest } }: NamedEndpoint): string {
  return `\`${rest.method} /api/v1${rest.path}\` (\`${path}\` in the client)`;
}
