"use server";

import { createClient, createMemoryTokenStorage } from "@obsqra/client";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cookieName, cookieOptions, createServerClient, serviceUrl } from "../lib/session";

/** Cookies can be written in a server action, so that a session can begin and end here. */
export async function signIn(form: FormData): Promise<void> {
  const tokens = createMemoryTokenStorage();
  const obsqra = createClient({ url: serviceUrl, tokens });
  await obsqra.auth.login.mutate({
    email: String(form.get("email")),
    password: String(form.get("password")),
  });
  (await cookies()).set(cookieName, JSON.stringify(tokens.read()), cookieOptions);
  redirect("/");
}

export async function signOut(): Promise<void> {
  const obsqra = await createServerClient();
  await obsqra.auth.logout.mutate().catch(() => {});
  (await cookies()).delete(cookieName);
  redirect("/");
}
