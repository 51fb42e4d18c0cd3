import type { Tool } from "@modelcontextprotocol/server";
import {
  errorCatalogue,
  isAgentTool,
  isList,
  listEndpoints,
  type NamedEndpoint,
  type Problem,
} from "@obsqra/contract";
import { type JsonSchema, readContractSchemas, withoutLeftOut } from "@obsqra/contract/schemas";
import { type ObjectSchema, selfContainedSchema } from "./self-contained-schema.ts";

/** An endpoint as agents see it. */
export interface AgentTool {
  /** As tRPC spells it. */
  readonly path: string;
  readonly definition: Tool;
  /** What the endpoint takes; undefined where it takes nothing. */
  readonly input: JsonSchema | undefined;
  readonly isList: boolean;
}

/** How many rows of a list an agent gets: what it reads has to leave room for thinking. */
const rows = { usual: 10, most: 50 } as const;

/** All tools by their names, in the contract's order. */
export function createAgentTools(): ReadonlyMap<string, AgentTool> {
  const tools = listEndpoints().filter(isAgentTool).map(toTool);
  return new Map(tools.map((tool) => [tool.definition.name, tool]));
}

/** The name of an endpoint's tool. Models take letters, digits, `_` and `-`. */
function toolName(path: string): string {
  return path.replaceAll(".", "_");
}

/**
 * What a tool's endpoint is asked with: of a list few rows unless more are asked for.
 *
 * @throws TooManyRowsError
 */
export function toolInput(tool: AgentTool, given: Readonly<Record<string, unknown>>): unknown {
  if (tool.input === undefined) return undefined;
  if (tool.isList) {
    // Models send null for what they do not say, the limit among it.
    const limit = given.limit ?? rows.usual;
    if (typeof limit === "number" && limit > rows.most) throw new TooManyRowsError();
    return withoutLeftOut(tool.input, { ...given, limit });
  }
  return Object.keys(tool.definition.inputSchema.properties ?? {}).length === 0
    ? undefined
    : withoutLeftOut(tool.input, given);
}

/** A tool was asked for more rows than it gives at once. */
export class TooManyRowsError extends Error {
  override readonly name = "TooManyRowsError";
  /** What is told of it, as of any input that is not valid. */
  readonly problem: Pick<Problem, "code" | "detail" | "details">;

  constructor() {
    const message = `at most ${rows.most} for a tool; ask again with the next_cursor for what follows`;
    const details = { issues: [{ path: "limit", message }] };
    const detail = errorCatalogue.VALIDATION_FAILED.message(details);
    super(detail);
    this.problem = { code: "VALIDATION_FAILED", detail, details };
  }
}

function toTool(named: NamedEndpoint): AgentTool {
  const { path, endpoint } = named;
  const { named: definitions, endpoints } = readContractSchemas();
  const schemas = endpoints.get(endpoint);
  const inputSchema = selfContainedSchema(schemas?.input, definitions);
  const isPaged = isList(endpoint);
  return {
    path,
    input: schemas?.input,
    isList: isPaged,
    definition: {
      name: toolName(path),
      title: endpoint.summary,
      description: describe(named),
      inputSchema: (isPaged ? withFewRows(inputSchema) : inputSchema) as Tool["inputSchema"],
      outputSchema: withoutBounds(selfContainedSchema(schemas?.output, definitions)) as Tool["outputSchema"],
      annotations: {
        readOnlyHint: endpoint.kind === "query",
        destructiveHint: false,
        // Only what is asked about, and nothing outside of the service.
        openWorldHint: false,
      },
    },
  };
}

function describe({ endpoint }: NamedEndpoint): string {
  const { summary, description, access } = endpoint;
  const who = access === "public" ? "Open to everyone." : `Needs an API key with the scope ${access}.`;
  return [`${summary}.`, description, who].filter(Boolean).join(" ");
}

/**
 * Of what the service gives, an agent reads types, units and meanings; bounds and patterns are for those who send it something, and how a
 * figure is rounded for those who show it.
 */
const bounds = new Set([
  "x-figure",
  "x-decimals",
  "x-exact",
  "additionalProperties",
  "default",
  "minItems",
  "maxItems",
  "pattern",
  "format",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
]);

function withoutBounds<TNode>(node: TNode): TNode {
  if (Array.isArray(node)) return node.map(withoutBounds) as TNode;
  if (typeof node !== "object" || node === null) return node;
  // What is an object is a field of that name, or of any.
  const isKept = (key: string, value: unknown) =>
    !bounds.has(key) || (typeof value === "object" && value !== null);
  const kept = Object.entries(node).filter(([key, value]) => isKept(key, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutBounds(value)])) as TNode;
}

function withFewRows(schema: ObjectSchema): ObjectSchema {
  const { properties = {} } = schema;
  const limit = {
    type: "integer",
    minimum: 1,
    maximum: rows.most,
    default: rows.usual,
    description: "How many rows to give at most",
  } as const;
  return { ...schema, properties: { ...properties, limit } };
}
