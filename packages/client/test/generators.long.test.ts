import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** One version of each, so that a new release breaks this test only when somebody takes it. */
const installed = [
  "openapi-typescript@7.13.0",
  "openapi-fetch@0.17.0",
  "@hey-api/openapi-ts@0.99.0",
  "orval@8.38.0",
  "swagger-typescript-api@13.13.0",
  "typescript@5.9.3",
];

/** How each is called, and how what it makes asks for the version of the service. */
const generators = {
  "openapi-typescript": {
    command: ["openapi-typescript", "openapi.json", "-o", "openapi-typescript/api.ts"],
    use: `import createClient from "openapi-fetch";
import type { paths } from "./openapi-typescript/api.ts";
const { data } = await createClient<paths>({ baseUrl: url }).GET("/api/v1/version");
const version: string | undefined = data?.version;`,
  },
  "hey-api": {
    command: ["openapi-ts", "-i", "openapi.json", "-o", "hey-api", "-c", "@hey-api/client-fetch"],
    use: `import { client } from "./hey-api/client.gen";
import { serviceVersion } from "./hey-api";
client.setConfig({ baseUrl: url });
const { data } = await serviceVersion();
const version: string | undefined = data?.version;`,
  },
  orval: {
    command: ["orval", "--input", "openapi.json", "--output", "orval/api.ts", "--client", "fetch"],
    use: `import { getServiceVersionUrl, serviceVersion } from "./orval/api";
const { fetch } = globalThis;
globalThis.fetch = (path, init) => fetch(url + String(path), init);
const response = await serviceVersion();
const version: string | undefined = response.status === 200 ? response.data.version : getServiceVersionUrl();`,
  },
  "swagger-typescript-api": {
    command: [
      "swagger-typescript-api",
      "generate",
      "-p",
      "openapi.json",
      "-o",
      "swagger-typescript-api",
      "-n",
      "api.ts",
    ],
    use: `import { Api } from "./swagger-typescript-api/api";
const { data } = await new Api({ baseUrl: url }).api.serviceVersion();
const version: string | undefined = data.version;`,
  },
};

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "obsqra-generators-"));
  await copyFile(join(root, "packages/openapi/openapi.json"), join(project, "openapi.json"));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "project", type: "module" }));
  await run("npm", ["install", "--no-audit", "--no-fund", ...installed, "esbuild@0.28.2"], { cwd: project });
}, 600_000);
afterAll(() => rm(project, { recursive: true, force: true }));

it.each(Object.entries(generators))(
  "is a document that %s makes a client of, which compiles under strict and runs",
  async (name, { command: [program = "", ...words], use }) => {
    const bin = join(project, "node_modules/.bin");
    await run(join(bin, program), words, { cwd: project });
    const service = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ version: `1.2.3 at ${request.url}`, api: "v1", contract_sha256: "" }));
    }).listen(0, "127.0.0.1");
    try {
      await expect.poll(() => service.address()).not.toBeNull();
      const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
      const file = join(project, `use-${name}.ts`);
      await writeFile(
        file,
        `const url = ${JSON.stringify(url)};\n${use}\nconsole.log(version);\nexport {};\n`,
      );
      const options =
        "--noEmit --strict --target es2022 --module esnext --moduleResolution bundler --skipLibCheck --allowImportingTsExtensions";
      const compiled = run(
        join(bin, "tsc"),
        [...options.split(" "), "--lib", "es2022,dom,dom.iterable", file],
        { cwd: project },
      );
      expect(
        await compiled.then(
          () => "",
          ({ stdout }: { readonly stdout: string }) => stdout,
        ),
      ).toBe("");
      await run(
        join(bin, "esbuild"),
        [file, "--bundle", "--format=esm", "--platform=node", `--outfile=${file}.mjs`],
        { cwd: project },
      );
      const { stdout } = await run(process.execPath, [`${file}.mjs`], { cwd: project });
      expect(stdout).toBe("1.2.3 at /api/v1/version\n");
    } finally {
      service.close();
    }
  },
  300_000,
);
