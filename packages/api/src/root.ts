import { analyticsRouter } from "./analytics/analytics.router.ts";
import { authRouter } from "./auth/auth.router.ts";
import { predictionsRouter } from "./predictions/predictions.router.ts";
import { serviceRouter } from "./service/service.router.ts";
import { transactionsRouter } from "./transactions/transactions.router.ts";
import { createCallerFactory, router } from "./trpc.ts";
import { usersRouter } from "./users/users.router.ts";

export const appRouter = router({
  auth: authRouter,
  users: usersRouter,
  analytics: analyticsRouter,
  predictions: predictionsRouter,
  transactions: transactionsRouter,
  service: serviceRouter,
});

export type AppRouter = typeof appRouter;

/** Calls procedures in process, without HTTP: for scripts and jobs. */
export const createCaller = createCallerFactory(appRouter);
