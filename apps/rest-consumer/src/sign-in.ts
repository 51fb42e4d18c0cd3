import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./api.ts";

type Obsqra = Client<paths>;

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** A client that signs its requests as this user. Registers the account when there is none. */
export async function signIn(baseUrl: string, account: Account): Promise<Obsqra> {
  const obsqra = createClient<paths>({ baseUrl });
  const token = (await register(obsqra, account)) ?? (await logIn(obsqra, account));
  obsqra.use({
    onRequest: ({ request }) => {
      request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
  });
  return obsqra;
}

/** Undefined when the account is there already. */
async function register(obsqra: Obsqra, account: Account): Promise<string | undefined> {
  const { data, error } = await obsqra.POST("/api/v1/auth/register", {
    body: { ...account, full_name: "Ada Lovelace" },
  });
  if (data !== undefined) return data.access_token;
  switch (error.code) {
    case "EMAIL_TAKEN":
      return undefined;
    case "VALIDATION_FAILED":
      // The compiler knows what comes with each code.
      throw new Error(error.details.issues.map(({ path, message }) => `${path}: ${message}`).join("; "));
    case "RATE_LIMITED":
      throw new Error(`Come back in ${error.details.retry_after_seconds} seconds.`);
    default:
      throw new Error(`${error.detail} (request ${error.request_id})`);
  }
}

async function logIn(obsqra: Obsqra, account: Account): Promise<string> {
  const { data, error } = await obsqra.POST("/api/v1/auth/login", { body: account });
  if (error !== undefined) throw new Error(`${error.detail} (request ${error.request_id})`);
  return data.access_token;
}
