// Before anything else reads the address.
import "./api/identity-attempt.ts";
import "./api/link-token.ts";
import "@fontsource-variable/inter/wght.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./styles/markets.css";
import "./styles/charts.css";
import "./styles/forms.css";
import "./styles/settings.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/client.ts";
import { readFirstPage } from "./api/first-page.ts";
import { sitePath, siteUrl } from "./api/site.ts";
import { router } from "./router.tsx";
import { startTheme } from "./theme/theme.ts";

startTheme();
// Named from the page that was opened first, it would be looked for anew from each other one.
for (const icon of document.querySelectorAll<HTMLLinkElement>("link[rel=icon]"))
  icon.href = `${siteUrl}/icon.svg`;
if (location.pathname === `${sitePath}/`) void readFirstPage().then(draw);
else draw();

function draw(): void {
  const place = document.querySelector("#root");
  if (place === null) throw new Error("index.html has no place for the pages.");
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
