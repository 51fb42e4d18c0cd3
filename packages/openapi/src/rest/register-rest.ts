import type { NamedEndpoint } from "@obsqra/contract";
import { isList, listEndpoints, toProblem } from "@obsqra/contract";
import { readContractSchemas } from "@obsqra/contract/schemas";
import { createResponseFacts, printedResponse, type ResponseFacts } from "@obsqra/platform";
import type { AnyTRPCProcedure, AnyTRPCRouter } from "@trpc/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { fromFastifyError } from "../problems/from-fastify-error.ts";
import { sendError } from "../problems/send-problem.ts";
import { callProcedure, listProcedures } from "../procedures.ts";
import { callHeaders, endpointHeaders } from "../response/response-headers.ts";
import { revalidate } from "../response/revalidation.ts";
import { openStream, sendStream } from "../streams/open-stream.ts";
import { acceptJsonOnly } from "./json-body.ts";
import { type Page, pageLinks } from "./page-links.ts";
import { createInputReader } from "./read-input.ts";

export interface RestOptions {
  /** The router whose procedures are called. */
  readonly router: AnyTRPCRouter;
  /** The context of a procedure call; the same that the tRPC adapter makes. */
  readonly createContext: (request: FastifyRequest, facts: ResponseFacts) => object | Promise<object>;
}

/**
 * Registers one native route per endpoint of the contract. Every path works with and without a trailing slash, whether or
 * not the host sets `routerOptions.ignoreTrailingSlash`. Call `registerProblemHandlers` before, so that errors for unknown
 * paths and methods have the same format.
 */
export async function registerRest(app: FastifyInstance, options: RestOptions): Promise<void> {
  const schemas = readContractSchemas();
  const procedures = listProcedures(options.router);
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    scope.setErrorHandler(sendError);
    scope.addHook("onSend", revalidate);
    for (const named of listEndpoints()) registerEndpoint(scope, named);
  });

  function registerEndpoint(scope: FastifyInstance, { path, endpoint }: NamedEndpoint): void {
    const { createContext } = options;
    const procedure = procedures.get(path);
    if (procedure === undefined) throw new Error(`The router has no procedure ${path}.`);
    const { method, status } = endpoint.rest;
    const constantHeaders = endpointHeaders([endpoint]);
    const readInput = createInputReader(endpoint, schemas);
    const isPaged = isList(endpoint);
    const url = `/api/v1${endpoint.rest.path}`;
    const urls = ignoresTrailingSlash(scope) ? [url] : [url, `${url}/`];
    if (endpoint.kind === "subscription") {
      for (const each of urls) registerStream(each);
      return;
    }
    for (const each of urls) {
      scope.route({
        method,
        url: each,
        handler: async (request, reply) => {
          const facts = createResponseFacts();
          const ctx = await createContext(request, facts);
          const input = readInput(request);
          const output = await callProcedure(procedure, { path, ctx, input }).finally(() => {
            // Not returned: a reply is a promise of having been sent.
            reply.headers(constantHeaders).headers(callHeaders(facts));
          });
          if (isPaged) addLinks(reply, pageLinks(url, input as object, output as Page));
          reply.code(status);
          if (status === 204) return reply.send();
          const printed = printedResponse(output);
          if (printed === undefined) return reply.send(output);
          return reply.type("application/json; charset=utf-8").serializer(asItIs).send(printed);
        },
      });
    }

    function registerStream(streamUrl: string): void {
      scope.route({
        method,
        url: streamUrl,
        // Whoever asks for the headers only would open a stream that nobody reads.
        exposeHeadRoute: false,
        handler: async (request, reply) => {
          const facts = createResponseFacts();
          const ctx = await createContext(request, facts);
          const call = { path, ctx, input: readInput(request), request };
          const opened = await openStream(procedures.get(path) as AnyTRPCProcedure, call).finally(() => {
            reply.headers(constantHeaders).headers(callHeaders(facts));
          });
          const printError = (thrown: unknown) => {
            const problem = toProblem(fromFastifyError(thrown), request.id);
            return `event: problem\ndata: ${JSON.stringify(problem)}\n\n`;
          };
          return sendStream(reply, opened, { printError });
        },
      });
    }
  }
}

function asItIs(text: unknown): string {
  return String(text);
}

/** A deprecated endpoint has links already. */
function addLinks(reply: FastifyReply, links: string): void {
  const others = reply.getHeader("link");
  reply.header("link", others === undefined ? links : `${others}, ${links}`);
}

function ignoresTrailingSlash(app: FastifyInstance): boolean {
  const { ignoreTrailingSlash, routerOptions } = app.initialConfig;
  return routerOptions?.ignoreTrailingSlash ?? ignoreTrailingSlash ?? false;
}
