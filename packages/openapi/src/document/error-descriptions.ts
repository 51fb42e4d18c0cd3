import type { ErrorCode, Problem } from "@obsqra/contract";
import {
  errorCatalogue,
  listEndpoints,
  mutationErrorCodes,
  problemStatus,
  sharedErrorCodes,
  signedInErrorCodes,
  toProblem,
} from "@obsqra/contract";
import { type JsonSchema, readSchema, resolve } from "@obsqra/contract/schemas";

/** An entry of the error catalogue in words, for documentation. */
export interface ErrorDescription {
  readonly code: ErrorCode;
  readonly title: string;
  readonly status: number;
  readonly trpcCode: string;
  /** The message, with `{field}` in the place of what differs between occurrences. */
  readonly message: string;
  /** When it happens. */
  readonly cause: string;
  /** What the caller does about it. */
  readonly remedy: string;
  /** The body of a response with it. */
  readonly example: Problem;
  /** The fields of the details. */
  readonly fields: readonly { readonly name: string; readonly type: string }[];
  /** Where it comes from: paths of endpoints, such as `auth.login`, or one sentence. */
  readonly comesFrom: readonly string[];
}

const exampleRequestId = "019bc186-de00-7000-8000-a19af8b2bbf6";

/** Every error of the catalogue in words, in the catalogue's order. */
export function describeErrors(): ErrorDescription[] {
  return Object.keys(errorCatalogue).map((code) => describeError(code as ErrorCode));
}

function describeError(code: ErrorCode): ErrorDescription {
  const { title, trpcCode, details: schema, message, cause, remedy, exampleDetails } = errorCatalogue[code];
  const named = new Map<string, JsonSchema>();
  const detailsSchema = readSchema(schema, "output", named);
  // Each text of it is the name of its field in braces.
  const placeholders = detailsSchema === undefined ? undefined : sample("details", detailsSchema, named);
  const say = message as (details: unknown) => string;
  const properties = detailsSchema === undefined ? {} : (resolve(detailsSchema, named).properties ?? {});
  return {
    code,
    title,
    status: problemStatus(code),
    trpcCode,
    message: say(placeholders),
    cause,
    remedy,
    example: toProblem({ code, message: say(exampleDetails), details: exampleDetails }, exampleRequestId),
    fields: Object.entries(properties).map(([name, field]) => ({
      name,
      type: nameType(field as JsonSchema, named),
    })),
    comesFrom: listSources(code),
  };
}

/** Where the errors come from that an endpoint's access adds to its own. */
const sourceByAccess: { readonly [TCode in ErrorCode]?: string } = {
  SCOPE_MISSING: "any endpoint that API keys may call",
  SESSION_REQUIRED: "any endpoint that no API key may call",
  REAUTHENTICATION_NEEDED: "any endpoint that asks for a recent sign-in",
};

function listSources(code: ErrorCode): string[] {
  if (includes(sharedErrorCodes, code)) return ["any endpoint"];
  if (includes(signedInErrorCodes, code)) return ["any endpoint for signed-in users"];
  if (includes(mutationErrorCodes, code)) return ["any mutation that comes with an Idempotency-Key"];
  const byAccess = sourceByAccess[code];
  if (byAccess !== undefined) return [byAccess];
  const declaring = listEndpoints().filter(({ endpoint }) => endpoint.errors.includes(code));
  return declaring.length === 0
    ? ["the service, for requests to no endpoint"]
    : declaring.map(({ path }) => path);
}

function includes(codes: readonly ErrorCode[], code: ErrorCode): boolean {
  return codes.includes(code);
}

function sample(name: string, schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): unknown {
  const { type, items, properties = {} } = resolve(schema, named);
  switch (type) {
    case "array":
      return [sample(name, items as JsonSchema, named)];
    case "object":
      return Object.fromEntries(
        Object.entries(properties).map(([key, field]) => [key, sample(key, field as JsonSchema, named)]),
      );
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    default:
      return `{${name}}`;
  }
}

function nameType(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): string {
  const { type, items, properties = {} } = resolve(schema, named);
  if (type === "array") return `list of ${nameType(items as JsonSchema, named)}`;
  if (type === "object") return `{ ${Object.keys(properties).join(", ")} }`;
  return [type].flat().join(" or ");
}
