import { createClient } from "@obsqra/client";
import { figureRounder, listCalls } from "@obsqra/contract";
import type { RecordedExample } from "@obsqra/openapi/document";
import { buildOpenApiDocument } from "@obsqra/openapi/document";
import { password, sendJson } from "../wire/start-test-server.ts";
import { callOperation, listOperations } from "./call-operation.ts";
import type { ExampleServer } from "./start-example-server.ts";

/** What one call returned, by how it was made. */
export interface ReadFigures {
  readonly path: string;
  readonly kind: string;
  readonly byRest: unknown;
  readonly byTrpc: unknown;
  readonly byClient: unknown;
}

/** A client's procedure, of which only the path is known. */
type Call = (input: unknown) => Promise<unknown>;

/** Asks for everything that has figures to be rounded, with the recorded inputs, over REST, tRPC and by the client. */
export async function readFigures(
  { url, signUp }: ExampleServer,
  recorded: Readonly<Record<string, RecordedExample>>,
): Promise<ReadFigures[]> {
  const email = "figures@example.org";
  const headers = await signUp(email);
  const client = createClient({ url });
  await client.auth.login.mutate({ email, password });
  const operations = listOperations(buildOpenApiDocument());
  const figures: ReadFigures[] = [];
  for (const { path, feature, name, endpoint } of listCalls()) {
    if (figureRounder(endpoint.output) === undefined) continue;
    const input = recorded[path]?.input as Record<string, unknown> | undefined;
    const operation = operations.get(path.replace(".", "_"));
    if (operation === undefined) throw new Error(`The document has no operation for ${path}.`);
    const byRest = JSON.parse((await callOperation(url, { operation, input, headers })).body);
    const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    const isQuery = endpoint.kind === "query";
    const trpc = isQuery
      ? await (await fetch(`${url}/trpc/${path}${query}`, { headers })).text()
      : (await sendJson(url, { path: `/trpc/${path}`, headers, json: input ?? {} })).body;
    // Which procedures there are is known at run time only.
    const procedures = client[feature as keyof typeof client] as unknown as Record<
      string,
      Record<"query" | "mutate", Call>
    >;
    const byClient = await procedures[name]?.[isQuery ? "query" : "mutate"](input);
    figures.push({ path, kind: endpoint.kind, byRest, byTrpc: JSON.parse(trpc).result?.data, byClient });
  }
  return figures;
}
