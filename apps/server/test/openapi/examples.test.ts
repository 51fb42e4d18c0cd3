import { join } from "node:path";
import { type Endpoint, figureRounder, listCalls, listEndpoints } from "@obsqra/contract";
import { buildOpenApiDocument } from "@obsqra/openapi/document";
import { beforeAll, describe, expect, it } from "vitest";
import { format } from "../../../../scripts/generate/format.ts";
import { listOperations } from "./call-operation.ts";
import { type ReadFigures, readFigures } from "./read-figures.ts";
import { recordExamples } from "./record-examples.ts";
import { startExampleServer } from "./start-example-server.ts";

const path = "packages/openapi/src/examples/recorded-examples.json";

/** The examples of a schema, also where all of it may be left out. */
function examplesOf(schema: Endpoint["input"]): readonly unknown[] {
  const { innerType } = schema.def as { readonly innerType?: Endpoint["input"] };
  const { examples = [] } = (innerType ?? schema).meta() ?? {};
  return examples as readonly unknown[];
}

describe("the examples of the document", () => {
  let recorded: Awaited<ReturnType<typeof recordExamples>>;
  let figures: ReadFigures[];
  beforeAll(async () => {
    await using server = await startExampleServer();
    recorded = await recordExamples(server);
    figures = await readFigures(server, recorded);
  }, 180_000);

  it("are what a server returns for the documented requests, to the byte", async () => {
    const text = format(path, JSON.stringify(recorded));
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "../../../..", path));
  });

  it("are there for every operation, and shown by the document", () => {
    expect(Object.keys(recorded)).toEqual(
      listCalls()
        .map((named) => named.path)
        .sort(),
    );
    const operations = listOperations(buildOpenApiDocument());
    for (const [name, { output }] of Object.entries(recorded)) {
      const { status, responses } = operations.get(name.replace(".", "_")) ?? {};
      expect([name, responses?.[status ?? 0]?.content?.["application/json"]?.example]).toEqual([
        name,
        output,
      ]);
    }
  });

  it("fit the contract's schemas, with nothing left over", () => {
    for (const { path: name, endpoint } of listCalls()) {
      const { input, output } = recorded[name] ?? {};
      expect([name, endpoint.input.safeParse(input).error]).toEqual([name, undefined]);
      expect([name, endpoint.output.safeParse(output)]).toEqual([name, { success: true, data: output }]);
    }
  });

  it("have figures as the contract rounds them, over REST, tRPC and by the client alike", () => {
    for (const { path: name, endpoint } of listEndpoints()) {
      const output = recorded[name]?.output;
      const rounded = figureRounder(endpoint.output)?.(structuredClone(output));
      if (rounded !== undefined) expect([name, output]).toEqual([name, rounded]);
    }
    expect(figures.length).toBeGreaterThan(12);
    const outputs = new Map(listCalls().map(({ path: name, endpoint }) => [name, endpoint.output]));
    for (const { path: name, kind, byRest, byTrpc, byClient } of figures) {
      const round = figureRounder(outputs.get(name) ?? expect.fail(`There is no ${name}.`));
      for (const output of [byRest, byTrpc, byClient]) {
        expect([name, output]).toEqual([name, round?.(structuredClone(output))]);
      }
      // What is made anew has another id and moment each time.
      if (kind === "query") expect([name, byTrpc, byClient]).toEqual([name, byRest, byRest]);
    }
  });

  it("are the contract's, where it has examples of inputs", () => {
    const sent = Object.values(recorded).map(({ input }) => input);
    for (const { path: name, endpoint } of listCalls()) {
      for (const example of examplesOf(endpoint.input))
        expect([name, sent]).toEqual([name, expect.arrayContaining([example])]);
    }
  });

  it("say of market figures that they are simulated", () => {
    const text = JSON.stringify(recorded);
    expect(text).toContain('"simulated":true');
    expect(text).not.toContain('"simulated":false');
  });
});
