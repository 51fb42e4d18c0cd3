import { createClient, signInWithIdentity } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
const provider = "google";

/** Begins: the browser keeps the secret, in `sessionStorage` for instance, and opens the page of the provider. */
export async function goToProvider(
  keep: (secret: string) => void,
  open: (url: string) => void,
): Promise<void> {
  const { attempt, authorization_url } = await obsqra.auth.begin_identity_login.mutate({ provider });
  keep(attempt);
  open(authorization_url);
}

/** Goes on, on the page `/account/identity` to which the browser comes back: the answer is what is behind #. */
export async function comeBack(attempt: string, answer: string): Promise<void> {
  const step = await signInWithIdentity(obsqra, { provider, attempt, answer });
  if (step.state === "refused" || step.state === "link_needed") throw step.refused;
  console.log(step.state);
}
