import { authRouter } from "./accounts/auth.router.ts";
import { organisationsRouter } from "./accounts/organisations/organisations.router.ts";
import { usersRouter } from "./accounts/users.router.ts";
import { analyticsRouter } from "./analytics/analytics.router.ts";
import { eventsRouter } from "./events/events.router.ts";
import { exportRouter } from "./export/export.router.ts";
import { operationsRouter } from "./operations/operations.router.ts";
import { marketsRouter } from "./predictions/markets/markets.router.ts";
import { predictionsRouter } from "./predictions/predictions.router.ts";
import { receiptsRouter } from "./receipts/receipts.router.ts";
import { serviceRouter } from "./service/service.router.ts";
import { transactionsRouter } from "./transactions/transactions.router.ts";
import { type ApiContext, createCallerFactory, mergeRouters, router } from "./trpc.ts";
import { webhooksRouter } from "./webhooks/webhooks.router.ts";

export const appRouter = router({
  auth: authRouter,
  users: mergeRouters(usersRouter, exportRouter),
  organisations: organisationsRouter,
  analytics: mergeRouters(analyticsRouter, marketsRouter),
  predictions: predictionsRouter,
  receipts: receiptsRouter,
  transactions: transactionsRouter,
  operations: operationsRouter,
  events: eventsRouter,
  webhooks: webhooksRouter,
  service: serviceRouter,
});

export type AppRouter = typeof appRouter;

const createAnyCaller = createCallerFactory(appRouter);

/** Calls procedures in process, without HTTP: for scripts and jobs. */
export const createCaller = (context: ApiContext): ReturnType<typeof createAnyCaller> =>
  createAnyCaller(context);
