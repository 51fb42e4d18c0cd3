import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readEnvironment } from "../../src/env.ts";
import { readRepositoryFile, repository } from "./ops-files.ts";

// Nothing here starts Docker: the file is read as its reader reads it, with what it merges, and judged by these rules.
const service = z.looseObject({
  profiles: z.array(z.enum(["plain", "scaled"])).min(1),
  image: z.string().optional(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  env_file: z.array(z.object({ path: z.string(), required: z.boolean() })).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.int()])).default({}),
  secrets: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.literal("service_healthy") })).default({}),
  networks: z.object({ default: z.object({ aliases: z.array(z.string()) }) }).optional(),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }).loose(),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  security_opt: z.array(z.string()),
  restart: z.literal("unless-stopped"),
  stop_grace_period: z.string().optional(),
  deploy: z.object({ resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }) }),
});
const file = z
  .looseObject({
    services: z.record(z.string(), service),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(readRepositoryFile("docker-compose.yml"), { merge: true }));

const services = Object.entries(file.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const settings = new Set(readRepositoryFile(".env.example").match(/^[A-Z][A-Z0-9_]*(?==)/gm));

function namesIn(profile: "plain" | "scaled"): string[] {
  return services.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);
}

it("has one server in the plain profile, and two, a worker and what watches over them in the scaled one", () => {
  expect(namesIn("plain")).toEqual(["postgres", "server"]);
  expect(namesIn("scaled")).toEqual([
    "postgres",
    "server-1",
    "server-2",
    "worker",
    "redis",
    "prometheus",
    "alertmanager",
    "grafana",
  ]);
  for (const [name, { profiles, depends_on }] of services) {
    for (const profile of profiles)
      for (const other of Object.keys(depends_on)) expect(namesIn(profile), name).toContain(other);
  }
});

it("passes every setting on to servers and worker, and sets none that they do not know", () => {
  expect(ours.map(([name]) => name)).toEqual(["server", "server-1", "server-2", "worker"]);
  for (const [name, { env_file, environment }] of ours) {
    expect(env_file, name).toEqual([{ path: ".env", required: false }]);
    const set = Object.keys(environment).map((key) => key.replace(/_FILE$/, ""));
    expect(
      set.filter((key) => !settings.has(key)),
      name,
    ).toEqual([]);
  }
});

it("has settings that the programs take, for development as it is and for production", () => {
  const folder = mkdtempSync(join(tmpdir(), "obsqra-secrets-"));
  try {
    makeSecrets(folder);
    for (const [name, { environment }] of ours) {
      const variables = Object.fromEntries(
        Object.entries(environment).map(([key, value]) => [
          key,
          String(value)
            .replace(/\$\{[A-Z_]+:-(\w+)\}/, "$1")
            .replace("/run/secrets/", `${folder}/`),
        ]),
      );
      const env = readEnvironment(variables);
      expect(env.DATABASE_URL, name).toMatch(/^postgresql:\/\/obsqra:[0-9a-f]{64}@postgres:5432\/obsqra$/);
      const production = {
        ENVIRONMENT: "production",
        PUBLIC_URL: "https://api.example.org",
        SMTP_SERVER: "smtp.example.org",
        SMTP_FROM: "no-reply@example.org",
      };
      expect(readEnvironment({ ...variables, ...production }).SECRET_KEY, name).toHaveLength(64);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("knows no password: each is a file of its own, which is made once and gets into no image and no commit", () => {
  const folder = mkdtempSync(join(tmpdir(), "obsqra-secrets-"));
  try {
    makeSecrets(folder);
    const made = readdirSync(folder).sort();
    expect(Object.entries(file.secrets).sort()).toEqual(
      made.map((name) => [name, { file: `./secrets/${name}` }]),
    );
    const texts = made.map((name) => readFileSync(join(folder, name), "utf8"));
    makeSecrets(folder);
    expect(made.map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(texts);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const [settings = "", url = ""] = ["redis-settings", "redis-url"].map(
      (name) => texts[made.indexOf(name)],
    );
    expect(url).toContain(`:${settings.trim().split(" ")[1]}@redis`);
    expect(new Set(texts.map((text) => text.match(/[0-9a-f]{64}/)?.[0])).size).toBe(made.length - 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
  for (const [name, { environment, secrets }] of services) {
    for (const secret of secrets) expect(file.secrets, name).toHaveProperty(secret);
    for (const [key, value] of Object.entries(environment)) {
      if (!/PASSWORD|SECRET|TOKEN|KEY$|REDIS_URL/.test(key)) continue;
      expect(key, name).toMatch(/_FILE$/);
      expect(secrets.map((secret) => `/run/secrets/${secret}`)).toContain(value);
    }
  }
  expect(readRepositoryFile(".gitignore")).toMatch(/^\/secrets\/$/m);
  expect(readRepositoryFile(".dockerignore")).toMatch(/^secrets$/m);
});

it("bounds what each service takes, says when it is healthy, and lets it stop in order", () => {
  for (const [name, { logging, healthcheck, security_opt, deploy }] of services) {
    expect(logging, name).toMatchObject({ driver: "json-file", options: { "max-size": "20m" } });
    expect(["CMD", "CMD-SHELL"], name).toContain(healthcheck.test[0]);
    expect(security_opt, name).toContain("no-new-privileges:true");
    expect(deploy.resources.limits.memory, name).toMatch(/^\d+[mg]$/);
  }
  for (const [name, { healthcheck, stop_grace_period, ...rest }] of ours) {
    expect(healthcheck.test.join(" "), name).toContain(
      name === "worker" ? ":9464/metrics" : ":8000/ready/traffic'",
    );
    // As `stopOnSignal` of apps/server and apps/worker.
    expect(stop_grace_period, name).toBe(name === "worker" ? "40s" : "20s");
    expect(rest, name).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
  }
});

it("publishes ports on this machine only, each once, and mounts files that there are", () => {
  for (const profile of ["plain", "scaled"] as const) {
    const ports = namesIn(profile).flatMap((name) => file.services[name]?.ports ?? []);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(new Set(ports.map((port) => port.split(":")[1])).size).toBe(ports.length);
  }
  for (const [name, { volumes, command }] of services) {
    for (const [source = ""] of volumes.map((volume) => volume.split(/:(?=\/)/))) {
      if (source.startsWith("./")) expect(existsSync(join(repository, source)), source).toBe(true);
      else if (!source.startsWith("${")) expect(file.volumes, name).toHaveProperty(source);
    }
    const program = command?.find((word) => word.endsWith("main.ts"));
    if (program !== undefined) expect(existsSync(join(repository, program)), program).toBe(true);
  }
});

it("lets Prometheus find every server and worker by the names that it asks for", () => {
  const scrape = readRepositoryFile("ops/prometheus/prometheus.yml");
  const [, asked = ""] = /names: \[(.*)\]/.exec(scrape) ?? [];
  for (const [name, { networks, environment }] of ours) {
    if (name === "server") continue;
    const names = [name, ...(networks?.default.aliases ?? [])];
    expect(names.some((known) => asked.includes(`"${known}"`))).toBe(true);
    expect(scrape).toContain(`port: ${environment.METRICS_PORT}`);
  }
});

function makeSecrets(folder: string): void {
  execFileSync("sh", [join(repository, "ops/make-secrets.sh"), folder]);
}
