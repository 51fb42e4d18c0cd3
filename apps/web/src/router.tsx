import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent } from "@tanstack/react-router";
import { sitePath } from "./api/site.ts";
import { PageHead } from "./components/page-head.tsx";
import { Shell } from "./components/shell.tsx";
import { Failure } from "./components/states.tsx";
import { readAgentRequestView } from "./pages/account/agent/agent-request-view.ts";
import { readSignInView } from "./pages/account/sign-in-view.ts";
import { readWhatIfView } from "./pages/allocation/what-if/what-if-view.ts";
import { readMarketPageView } from "./pages/market/market-view.ts";
import { readMarketView } from "./pages/markets/market-filters.ts";
import { MarketsPage } from "./pages/markets/markets-page.tsx";
import { readRecordView } from "./pages/record/record-view.ts";
import { texts } from "./texts/index.ts";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <>
      <PageHead title={texts.shell.notFound} />
      <Link to="/" className="button">
        {texts.shell.backToMarkets}
      </Link>
    </>
  ),
  errorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
});

const routes = [
  createRoute({
    getParentRoute: () => root,
    path: "/",
    validateSearch: readMarketView,
    component: MarketsPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/markets/$marketId",
    validateSearch: readMarketPageView,
    component: lazyRouteComponent(() => import("./pages/market/market-page.tsx"), "MarketPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/protocols",
    component: lazyRouteComponent(() => import("./pages/protocols/protocols-page.tsx"), "ProtocolsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/record",
    validateSearch: readRecordView,
    component: lazyRouteComponent(() => import("./pages/record/record-page.tsx"), "RecordPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/sign-in",
    validateSearch: readSignInView,
    component: lazyRouteComponent(() => import("./pages/account/sign-in-page.tsx"), "SignInPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/sign-up",
    component: lazyRouteComponent(() => import("./pages/account/sign-up-page.tsx"), "SignUpPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/forgot-password",
    component: lazyRouteComponent(
      () => import("./pages/account/forgot-password-page.tsx"),
      "ForgotPasswordPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/allocation",
    component: lazyRouteComponent(() => import("./pages/allocation/allocation-page.tsx"), "AllocationPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/allocation/what-if",
    validateSearch: readWhatIfView,
    component: lazyRouteComponent(() => import("./pages/allocation/what-if/what-if-page.tsx"), "WhatIfPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/allocation/history",
    component: lazyRouteComponent(() => import("./pages/allocation/history-page.tsx"), "HistoryPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/transactions",
    component: lazyRouteComponent(
      () => import("./pages/transactions/transactions-page.tsx"),
      "TransactionsPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings",
    component: lazyRouteComponent(() => import("./pages/settings/settings-page.tsx"), "SettingsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings/security",
    component: lazyRouteComponent(() => import("./pages/settings/security-page.tsx"), "SecurityPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings/wallets",
    component: lazyRouteComponent(() => import("./pages/settings/wallets/wallets-page.tsx"), "WalletsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings/organisations",
    component: lazyRouteComponent(
      () => import("./pages/settings/organisations/organisations-page.tsx"),
      "OrganisationsPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings/developers",
    component: lazyRouteComponent(() => import("./pages/settings/developers-page.tsx"), "DevelopersPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings/data",
    component: lazyRouteComponent(() => import("./pages/settings/data-page.tsx"), "DataPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account/verify-email",
    component: lazyRouteComponent(() => import("./pages/account/email-link-pages.tsx"), "VerifyEmailPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account/reset-password",
    component: lazyRouteComponent(() => import("./pages/account/email-link-pages.tsx"), "ResetPasswordPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account/confirm-email-change",
    component: lazyRouteComponent(
      () => import("./pages/account/email-link-pages.tsx"),
      "ConfirmEmailChangePage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account/accept-invitation",
    component: lazyRouteComponent(
      () => import("./pages/account/accept-invitation-page.tsx"),
      "AcceptInvitationPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account/preferences",
    component: lazyRouteComponent(() => import("./pages/account/preferences-page.tsx"), "PreferencesPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account/agent",
    validateSearch: readAgentRequestView,
    component: lazyRouteComponent(() => import("./pages/account/agent/agent-page.tsx"), "AgentPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/account/identity",
    component: lazyRouteComponent(() => import("./pages/account/identity-page.tsx"), "IdentityPage"),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: sitePath === "" ? "/" : sitePath,
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
