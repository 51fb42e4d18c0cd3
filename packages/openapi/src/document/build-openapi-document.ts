import { readFileSync } from "node:fs";
import type { Contract } from "@obsqra/contract";
import { listEndpoints } from "@obsqra/contract";
import { readContractSchemas } from "@obsqra/contract/schemas";
import manifest from "../../package.json" with { type: "json" };
import { buildProblemSchemas, type DocumentPart, keepUsed, toDocumentSchema } from "./components.ts";
import { headerComponents } from "./headers.ts";
import { buildOperation } from "./operation.ts";
import { parameterComponents } from "./parameters.ts";
import { shareResponses } from "./share-responses.ts";
import { buildWebhooks } from "./webhooks.ts";

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: DocumentPart;
  readonly servers: readonly DocumentPart[];
  readonly security: readonly DocumentPart[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: { readonly [path: string]: { readonly [method: string]: DocumentPart } };
  /** What is sent to webhooks of users. */
  readonly webhooks: { readonly [name: string]: DocumentPart };
  readonly components: { readonly [kind: string]: { readonly [name: string]: unknown } };
}

const tagDescriptions: { readonly [TFeature in keyof Contract]: string } = {
  auth: "Accounts, sessions, wallets and API keys.",
  users: "The signed-in user's profile, and the preferences, audit log and data of whoever the call is for.",
  organisations: "What belongs to several users together, and who they are.",
  analytics: "Risk, yield and allocations as they were and are.",
  predictions: "Forecasts, and what to do about them.",
  receipts: "Proofs that forecasts were committed before their outcomes, for everybody.",
  transactions: "The append-only transaction log of whoever the call is for.",
  operations: "What operators do: jobs, when they run, and how that went.",
  events: "What happens, as it happens.",
  webhooks: "What happens, sent to a URL of yours.",
  service: "What is running here.",
};

/** How to integrate, in Markdown, with commands that a test runs (apps/server/test/openapi/guide.test.ts). */
export const guide = readFileSync(new URL("./guide.md", import.meta.url), "utf8").replaceAll("\r\n", "\n");

/** Builds the document from the contract. The same contract always gives the same document. */
export function buildOpenApiDocument(): OpenApiDocument {
  const schemas = readContractSchemas();
  const paths: Record<string, Record<string, DocumentPart>> = {};
  for (const named of listEndpoints()) {
    const { method, path } = named.endpoint.rest;
    const template = `/api/v1${path.replace(/:(\w+)/g, "{$1}")}`;
    paths[template] = { ...paths[template], [method.toLowerCase()]: buildOperation(named, schemas) };
  }
  const named = new Map(schemas.named);
  const problems = Object.entries(buildProblemSchemas(named));
  const webhooks = buildWebhooks(named);
  const shared = shareResponses(paths);
  const roots = { paths, webhooks };
  const contractSchemas = [...named].map(([name, schema]) => [name, toDocumentSchema(schema)] as const);
  return {
    openapi: "3.1.1",
    info: {
      title: "Obsqra API",
      version: manifest.version,
      description: guide,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The server that serves this document" }],
    security: [{ access_token: [] }],
    tags: Object.entries(tagDescriptions).map(([name, text]) => ({ name, description: text })),
    paths: Object.fromEntries(Object.entries(shared.paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    webhooks,
    components: {
      responses: shared.responses,
      parameters: keepUsed("parameters", roots, new Map(Object.entries(parameterComponents))),
      headers: keepUsed("headers", roots, new Map(Object.entries(headerComponents))),
      schemas: keepUsed("schemas", roots, new Map([...contractSchemas, ...problems])),
      securitySchemes: {
        access_token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "The access_token of /api/v1/auth/login or /api/v1/auth/register. It works until it expires or its session ends.",
        },
        api_key: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "obsqra_…",
          description:
            "The key of /api/v1/auth/api-keys, in the same header. It works where its scopes reach; operations name the scope they need.",
        },
      },
    },
  };
}
