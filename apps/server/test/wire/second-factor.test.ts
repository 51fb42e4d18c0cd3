import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "@obsqra/cli";
import { createClient, signIn } from "@obsqra/client";
import { signUpWithTotp } from "@obsqra/features/testing";
import { describe, expect, it } from "vitest";
import { runExample } from "../run-example.ts";
import { callEndpoint } from "./call-endpoint.ts";
import { startTestServer } from "./start-test-server.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const clientExamples = join(import.meta.dirname, "../../../../packages/client/examples");

describe("an account with a second factor", () => {
  it("is asked for by the same error over REST and tRPC, and signed in over the other", async () => {
    await using server = await startTestServer();
    const { app } = await signUpWithTotp(server.api, email);
    const ask = async (protocol: "rest" | "trpc") => {
      const input = { email, password };
      const { status, body } = await callEndpoint(server.url, { protocol, path: "auth.login", input });
      const text = JSON.stringify(JSON.parse(body));
      expect([protocol, status, text.includes('"SECOND_FACTOR_REQUIRED"')]).toEqual([protocol, 401, true]);
      expect(text).not.toContain("token");
      return /"challenge":"([\w-]{43})"/.exec(text)?.[1] ?? "none";
    };
    const answers = [
      { protocol: "trpc", challenge: await ask("rest"), code: app.code() },
      { protocol: "rest", challenge: await ask("trpc"), code: app.code(1) },
    ] as const;
    for (const { protocol, challenge, code } of answers) {
      const input = { challenge, code };
      const { status, body } = await callEndpoint(server.url, {
        protocol,
        path: "auth.complete_login",
        input,
      });
      expect([protocol, status, body.includes("refresh_token")]).toEqual([protocol, 200, true]);
    }
  });

  it("is signed in by the client, which keeps the tokens", async () => {
    await using server = await startTestServer();
    const { app } = await signUpWithTotp(server.api, email);
    const obsqra = createClient({ url: server.url });
    const step = await signIn(obsqra, { email, password });
    if (step.state !== "code_needed") throw new Error("No code is asked for.");
    expect(await step.answer({ code: "000000" })).toMatchObject({ state: "code_needed" });
    expect(await step.answer({ code: app.code() })).toMatchObject({ state: "signed_in" });
    expect(await obsqra.auth.me.query()).toMatchObject({ email });
    expect(await step.answer({ code: app.code(1) })).toMatchObject({ state: "over" });
  });

  it("is signed in by a script without anybody at the keyboard", async () => {
    await using server = await startTestServer();
    // The script has the time of this machine.
    server.api.clock.advance(Date.now() - 60_000 - server.api.clock().getTime());
    const { app } = await signUpWithTotp(server.api, email);
    const output = await runExample(
      "second-factor.ts",
      { "http://localhost:8000": server.url, "pass phrase": password, BASE32: app.secret },
      clientExamples,
    );
    expect(output).toContain(email);
  });

  it("is signed in from a terminal, which asks for the code", async () => {
    await using server = await startTestServer();
    const { app } = await signUpWithTotp(server.api, email);
    await using home = await mkdtempDisposable(join(tmpdir(), "obsqra-terminal-"));
    const obsqra = async (words: readonly string[], secrets: readonly string[], isTerminal = false) => {
      const written = { output: "", complaints: "" };
      const asked: string[] = [];
      const screen = (name: keyof typeof written) => ({
        write: (text: string) => {
          written[name] += text;
        },
        isTerminal,
        columns: Number.POSITIVE_INFINITY,
      });
      const place = {
        parameters: words,
        variables: { OBSQRA_URL: server.url },
        home: home.path,
        output: screen("output"),
        complaints: screen("complaints"),
        readSecret: async (question: string) => secrets[asked.push(question) - 1] ?? "",
        readLines: async function* () {},
        signal: new AbortController().signal,
        fetch,
      };
      return { code: await runCli(place, { version: "1.0.0" }), asked, ...written };
    };
    const login = ["auth", "login", "--email", email];
    const refused = await obsqra(login, [password, "000000"]);
    expect([refused.code, refused.complaints]).toEqual([1, expect.stringContaining("The code is wrong")]);
    const signedIn = await obsqra(login, [password, "000000", app.code()], true);
    expect(signedIn.asked).toEqual(["password", ...Array(2).fill("code of your app, or recovery code")]);
    expect([signedIn.code, signedIn.output.includes("token ")]).toEqual([0, false]);
    expect((await obsqra(["auth", "me"], [])).output).toContain(email);
  });
});
