import { readFile } from "node:fs/promises";
import {
  type ApiContext,
  isUnsubscription,
  type UnsubscribeDependencies,
  unsubscribeFromAlerts,
} from "@obsqra/features";
import { countAddress, createResponseFacts, networkOf, type ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { pageHeaders } from "./page-headers.ts";
import {
  renderUnknownUnsubscriptionPage,
  renderUnsubscribedPage,
  renderUnsubscribePage,
} from "./render-alert-pages.ts";

/** A mail program sends `List-Unsubscribe=One-Click`, as a form; there is nothing else to be said. */
const bodyLimitBytes = 4_096;

/** What each of the pages costs, in points. */
const weight = 1;

/**
 * Serves where alerts by email are ended, which works without a script: what a mail's `List-Unsubscribe` names responds to one POST without signing in,
 * as RFC 8058 has it, and to GET with a page that asks: whatever opens links in advance ends nothing. Each request is counted against
 * the limit of its address like a call, and gets 429 RATE_LIMITED beyond it.
 */
export async function registerAlertPages(
  app: FastifyInstance,
  api: UnsubscribeDependencies,
  createContext: (request: FastifyRequest, response: ResponseFacts) => ApiContext,
): Promise<void> {
  const style = await readFile(new URL("./account-page.css", import.meta.url), "utf8");

  await app.register(async (scope) => {
    // Before the body is read, and before the token is opened.
    scope.addHook("onRequest", async (request) => {
      const context = createContext(request, createResponseFacts());
      await context.callTurns.begin(networkOf(context.request.ip, 4));
      await countAddress(context, { path: request.routeOptions.url ?? "", weight });
    });
    // Forms of any kind; what they say does not matter, the address says it all.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: bodyLimitBytes }, async () => undefined);
    scope.get("/account/account-page.css", (_request, reply) =>
      reply.headers(pageHeaders()).type("text/css; charset=utf-8").send(style),
    );
    scope.get("/account/unsubscribe", (request, reply) => {
      const token = readToken(request.query);
      if (!isUnsubscription(api, token)) return sendPage(reply.code(400), renderUnknownUnsubscriptionPage());
      return sendPage(reply, renderUnsubscribePage(), true);
    });
    scope.post("/account/unsubscribe", async (request, reply) => {
      const hasEnded = await unsubscribeFromAlerts(api, readToken(request.query));
      if (!hasEnded) return sendPage(reply.code(400), renderUnknownUnsubscriptionPage());
      return sendPage(reply, renderUnsubscribedPage());
    });
  });
}

function sendPage(reply: FastifyReply, page: string, hasForm = false): FastifyReply {
  return reply.headers(pageHeaders({ hasForm })).type("text/html; charset=utf-8").send(page);
}

function readToken(query: unknown): string {
  const token = typeof query === "object" && query !== null && "token" in query ? query.token : undefined;
  // No token is longer than a few hundred characters.
  return typeof token === "string" && token.length <= 1_000 ? token : "";
}
