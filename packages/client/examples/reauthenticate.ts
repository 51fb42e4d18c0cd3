import { createClient, isObsqraError, paginate } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
const password = "correct horse battery staple";
await obsqra.auth.login.mutate({ email: "ada@example.org", password });

/** Makes a call, and gives the password first where the last sign-in is too long ago for it. */
async function confirmed<TResult>(call: () => Promise<TResult>, askPassword: () => string): Promise<TResult> {
  try {
    return await call();
  } catch (error) {
    if (!isObsqraError(error, "REAUTHENTICATION_NEEDED")) throw error;
    await obsqra.auth.reauthenticate.mutate({ password: askPassword() });
    return call();
  }
}

const { cursor } = await confirmed(
  () => obsqra.users.start_export.mutate(),
  () => password,
);
for await (const { kind, data } of paginate(obsqra.users.export_records, { cursor })) console.log(kind, data);
