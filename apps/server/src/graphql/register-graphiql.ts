import type { FastifyInstance } from "fastify";

const path = "/graphql";

/** Runs nothing inline and asks nobody else. Its editor makes styles while it runs, and has its font in them. */
const policy =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Obsqra GraphQL</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${path}/graphiql.css">
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>This page needs JavaScript.</noscript>
    <div id="root"></div>
    <script src="${path}/workers.js"></script>
    <script src="${path}/graphiql.js"></script>
    <script src="${path}/start.js"></script>
  </body>
</html>
`;

const workers = `self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_module, label) => "${path}/worker-" + label + ".js",
};
`;

const start = `YogaGraphiQL.renderYogaGraphiQL(document.querySelector("#root"), {
  title: "Obsqra GraphQL",
  endpoint: "${path}",
  subscriptionsProtocol: "GRAPHQL_SSE",
  // Subscriptions too, which it would ask for by GET.
  method: "POST",
  defaultQuery: "{\\n  predictions_yield_forecast(first: 5) {\\n    ... on YieldForecastConnection {\\n      nodes { protocol apy lower upper }\\n    }\\n  }\\n}\\n",
});
`;

/**
 * Serves GraphiQL at `/graphql`, for developers: all of it comes from here. It is among the dependencies of development, and is read, 9 MB,
 * when it is first asked for.
 */
export function registerGraphiql(scope: FastifyInstance): void {
  let reading: ReturnType<typeof readFiles> | undefined;
  scope.get(path, { exposeHeadRoute: false }, (_request, reply) =>
    reply.header("content-security-policy", policy).type("text/html; charset=utf-8").send(page),
  );
  for (const name of fileNames) {
    scope.get(`${path}/${name}`, { exposeHeadRoute: false }, async (_request, reply) => {
      reading ??= readFiles();
      const type = name.endsWith(".css") ? "text/css" : "text/javascript";
      return reply.type(`${type}; charset=utf-8`).send((await reading)[name]);
    });
  }
}

const fileNames = [
  "workers.js",
  "start.js",
  "graphiql.js",
  "graphiql.css",
  "worker-editorWorkerService.js",
  "worker-json.js",
  "worker-graphql.js",
] as const;

async function readFiles(): Promise<Readonly<Record<(typeof fileNames)[number], string>>> {
  const graphiql = await import("@graphql-yoga/render-graphiql/graphiql");
  return {
    "workers.js": workers,
    "start.js": start,
    "graphiql.js": graphiql.js,
    "graphiql.css": graphiql.css,
    "worker-editorWorkerService.js": graphiql.editorWorkerService,
    "worker-json.js": graphiql.jsonWorker,
    "worker-graphql.js": graphiql.graphqlWorker,
  };
}
