import type { TestServer } from "../wire/start-test-server.ts";
import type { DevTools } from "./dev-tools.ts";

/** What a browser keeps of somebody who wants to stay signed in. */
export interface KeptTokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** Makes an account. */
export async function signUpForBrowser({ api }: TestServer, email: string): Promise<KeptTokens> {
  const password = "correct horse battery";
  const tokens = await api.caller().auth.register({ email, password, full_name: "Ada" });
  return { access_token: tokens.access_token, refresh_token: tokens.refresh_token };
}

/** Has the pages that this tab opens find somebody signed in; once, so that signing out stays. */
export async function signInTab(tab: DevTools, tokens: KeptTokens): Promise<void> {
  const kept = JSON.stringify(JSON.stringify(tokens));
  const source = `if (sessionStorage.getItem("begun") === null) {
    sessionStorage.setItem("begun", "yes");
    localStorage.setItem("obsqra.tokens", ${kept});
  }`;
  await tab.send("Page.enable");
  await tab.send("Page.addScriptToEvaluateOnNewDocument", { source });
}
