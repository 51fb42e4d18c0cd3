/** Where pages are, as the server routes them. The router has the same: a test opens each. */
export const pagePaths = [
  "/",
  "/markets/:marketId",
  "/protocols",
  "/record",
  "/sign-in",
  "/sign-up",
  "/forgot-password",
  "/allocation",
  "/transactions",
  "/settings",
] as const;
