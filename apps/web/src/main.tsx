import "@fontsource-variable/inter/wght.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./styles/markets.css";
import "./styles/charts.css";
import "./styles/forms.css";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/client.ts";
import { router } from "./router.tsx";
import { startTheme } from "./theme/theme.ts";

startTheme();
const place = document.querySelector("#root");
if (place === null) throw new Error("index.html has no place for the pages.");
createRoot(place).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={250}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Tooltip.Provider>
    </CSPProvider>
  </StrictMode>,
);
