/**
 * What the first page reads, below where the pages are: browsers are told of it with the page, and ask for it beside the script. It has to be
 * what the client asks for, to the letter.
 */
export const firstPageRead = `trpc/analytics.overview,analytics.markets?batch=1&input=${encodeURIComponent('{"1":{"limit":500}}')}`;

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
  "/allocation/what-if",
  "/allocation/history",
  "/transactions",
  "/settings",
  "/settings/security",
  "/settings/wallets",
  "/settings/organisations",
  "/settings/developers",
  "/settings/data",
  "/account/verify-email",
  "/account/reset-password",
  "/account/confirm-email-change",
  "/account/accept-invitation",
  "/account/preferences",
  "/account/agent",
  "/account/identity",
] as const;
