import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { readEnvironment } from "../../src/env.ts";
import { readRepositoryFile, repository } from "./ops-files.ts";

// No cluster runs here: the manifests are read, and judged by these rules.
const labels = z.record(z.string(), z.string());
const container = z.looseObject({
  image: z.literal("obsqra"),
  command: z.array(z.string()).optional(),
  envFrom: z.tuple([z.object({ configMapRef: z.object({ name: z.string() }) })]),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
  startupProbe: z.looseObject({}),
  livenessProbe: z.looseObject({}),
  readinessProbe: z.looseObject({}).optional(),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
});
const deployment = z.looseObject({
  kind: z.literal("Deployment"),
  metadata: z.object({ name: z.string(), labels }),
  spec: z.looseObject({
    replicas: z.int(),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.looseObject({ labels }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.int(),
        containers: z.tuple([container]),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});
const anything = z.looseObject({ apiVersion: z.string(), kind: z.string() });
const policy = z.looseObject({
  spec: z.looseObject({
    podSelector: z.object({ matchLabels: labels }),
    policyTypes: z.array(z.string()),
    ingress: z.array(
      z.object({ from: z.array(z.looseObject({})).min(1), ports: z.array(z.unknown()).min(1) }),
    ),
    egress: z.array(z.object({ to: z.array(z.looseObject({})).min(1), ports: z.array(z.unknown()).min(1) })),
  }),
});

const folder = "ops/kubernetes";
const kustomization = z
  .looseObject({ resources: z.array(z.string()) })
  .parse(parse(readRepositoryFile(`${folder}/kustomization.yaml`)));
const objects = kustomization.resources.flatMap((file) =>
  parseAllDocuments(readRepositoryFile(`${folder}/${file}`)).map((document) =>
    anything.parse(document.toJS()),
  ),
);
const deployments = ofKind("Deployment").map((object) => deployment.parse(object));
const settings = new Set(readRepositoryFile(".env.example").match(/^[A-Z][A-Z0-9_]*(?==)/gm));

it("has every file in the kustomization", () => {
  const files = globSync(`${folder}/*.yaml`, { cwd: repository }).map((file) =>
    file.slice(folder.length + 1),
  );
  expect([...kustomization.resources, "kustomization.yaml"].sort()).toEqual(files.sort());
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual(["obsqra-server", "obsqra-worker"]);
});

it("has settings that the programs take, and secrets as files only", () => {
  const [{ data } = { data: {} }] = ofKind("ConfigMap").map((object) =>
    z.looseObject({ data: labels }).parse(object),
  );
  expect(Object.keys(data).filter((name) => !settings.has(name))).toEqual([]);
  expect(Object.keys(data).filter((name) => /PASSWORD|SECRET|TOKEN|KEY$/.test(name))).toEqual([]);
  const secrets = { SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365", REDIS_URL: "redis://:a@redis:6379/0" };
  expect(readEnvironment({ ...data, ...secrets })).toMatchObject({ ENVIRONMENT: "production" });
  const made = readRepositoryFile("ops/make-secrets.sh").match(/(?<=^keep )\S+/gm);
  for (const { env, envFrom, volumeMounts } of containers()) {
    expect(envFrom[0].configMapRef.name).toBe("obsqra");
    for (const { name, value } of env) {
      expect(settings).toContain(name.replace(/_FILE$/, ""));
      const [, file] = /^\/run\/secrets\/obsqra\/(.*)$/.exec(value) ?? [];
      expect(made).toContain(file);
      expect(readRepositoryFile(`${folder}/kustomization.yaml`)).toContain(`--from-file=secrets/${file}`);
    }
    expect(volumeMounts).toContainEqual({
      name: "secrets",
      mountPath: "/run/secrets/obsqra",
      readOnly: true,
    });
  }
});

it("runs as nobody in particular, on a file system that it cannot write, without rights in the cluster", () => {
  for (const { spec } of deployments) {
    const pod = spec.template.spec;
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(pod.containers[0]).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    });
    const mounted = pod.containers[0].volumeMounts.map(({ name }) => name);
    expect(pod.volumes.map(({ name }) => name)).toEqual(mounted);
    const image = readRepositoryFile("Dockerfile");
    for (const { mountPath } of pod.containers[0].volumeMounts.slice(1, 3))
      expect(image).toContain(mountPath);
  }
});

it("is asked whether it lives and whether it is ready, and has longer to stop than it takes", () => {
  const [server, worker] = deployments.map(({ spec }) => spec.template.spec);
  expect(server?.containers[0]).toMatchObject({
    startupProbe: { httpGet: { path: "/ready/traffic" } },
    livenessProbe: { httpGet: { path: "/health" } },
    readinessProbe: { httpGet: { path: "/ready/traffic" } },
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
  });
  expect(server?.terminationGracePeriodSeconds).toBeGreaterThan(5 + stopSeconds("apps/server/src/main.ts"));
  expect(worker?.terminationGracePeriodSeconds).toBeGreaterThan(stopSeconds("apps/worker/src/main.ts"));
  const ports = { http: 8000, metrics: 9464 };
  for (const { ports: open } of containers())
    for (const { name, containerPort } of open) expect(ports).toHaveProperty(name, containerPort);
  expect(readRepositoryFile("Dockerfile")).toContain(`EXPOSE ${ports.http}`);
  const program = containers().at(1)?.command?.at(-1) ?? "none";
  expect(readRepositoryFile(program)).toContain("runWorker");
});

it("keeps a server while nodes are drained and versions replaced", () => {
  const [budget] = ofKind("PodDisruptionBudget");
  const [server] = deployments;
  expect(budget).toMatchObject({ spec: { minAvailable: 1, selector: server?.spec.selector } });
  expect(server?.spec.replicas).toBeGreaterThan(1);
  expect(server).toMatchObject({ spec: { strategy: { rollingUpdate: { maxUnavailable: 0 } } } });
  for (const { spec } of deployments)
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
  expect(ofKind("Service")).toMatchObject([{ spec: { selector: server?.spec.selector.matchLabels } }]);
});

it("is reached and reaches only what is named, and on the internet no private network", () => {
  const [{ spec } = { spec: undefined }] = ofKind("NetworkPolicy").map((object) => policy.parse(object));
  expect(spec?.policyTypes).toEqual(["Ingress", "Egress"]);
  for (const { spec: own } of deployments)
    expect(own.template.metadata.labels).toMatchObject(spec?.podSelector.matchLabels ?? { none: "" });
  const blocks = JSON.stringify(spec?.egress.flatMap(({ to }) => to).filter((to) => "ipBlock" in to));
  for (const network of ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"])
    expect(blocks).toContain(network);
});

function ofKind(kind: string) {
  return objects.filter((object) => object.kind === kind);
}

function containers() {
  return deployments.map(({ spec }) => spec.template.spec.containers[0]);
}

/** How long a program takes to stop, at most. */
function stopSeconds(program: string): number {
  const [, digits = ""] =
    /graceMs = ([\d_]+)|stopOnSignal\(([\d_]+)/
      .exec(readRepositoryFile(program))
      ?.filter((part) => part !== undefined) ?? [];
  return Number(digits.replaceAll("_", "")) / 1000;
}
