import type { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";

/** Signs in a user of `signUp`; the tokens come with a caller who has them. */
export async function logIn(
  api: TestApi,
  { email, password = "correct horse battery" }: { readonly email: string; readonly password?: string },
): Promise<{ access_token: string; refresh_token: string; caller: ReturnType<typeof createCaller> }> {
  const tokens = await api.caller().auth.login({ email, password });
  return { ...tokens, caller: api.caller(tokens.access_token) };
}
