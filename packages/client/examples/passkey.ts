import { createClient, type PasskeyNeeded, signInWithPasskey } from "@obsqra/client";

type Request = PasskeyNeeded["passkey"];
type Answer = Parameters<PasskeyNeeded["answer"]>[0];

/**
 * Asks the browser's authenticator: `(request) => navigator.credentials
 *   .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(request) }).then((credential) => credential.toJSON())`
 */
export async function signInWith(askAuthenticator: (request: Request) => Promise<Answer>): Promise<void> {
  const obsqra = createClient({ url: "http://localhost:8000" });
  const step = await signInWithPasskey(obsqra);
  const done = await step.answer(await askAuthenticator(step.passkey));
  if (done.state === "refused") throw done.refused;
  console.log(await obsqra.auth.me.query());
}
