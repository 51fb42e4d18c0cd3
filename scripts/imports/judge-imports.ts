import { join, matchesGlob } from "node:path/posix";
import { importExceptions } from "./import-exceptions.ts";
import {
  byNameInstead,
  byPathInstead,
  featureInstead,
  featureInternalsInstead,
  featureRules,
  type LayerRule,
  layerRules,
  testFiles,
  type WorkspaceRule,
  workspaceRules,
} from "./import-rules.ts";
import type { Import } from "./read-imports.ts";

/** A rule that an import breaks, and what to do instead. */
export interface Verdict {
  readonly rule: string;
  readonly instead: string;
}

/** The first rule that an import breaks; undefined when it is allowed. Paths are from the root of the repository. */
export function judgeImport(file: string, specifier: Import["specifier"]): Verdict | undefined {
  const target = resolveImport(file, specifier);
  if (exceptionFor(file, target) !== undefined) return undefined;
  return judgeWorkspace(file, target, specifier) ?? judgeFeature(file, target) ?? judgeLayers(file, target);
}

/** Where an import leads: a path from the root for files and workspace packages, the specifier for the rest. */
export function resolveImport(file: string, specifier: string): string {
  if (specifier.startsWith(".")) return join(file, "..", specifier);
  const [scope, name, ...path] = specifier.split("/");
  if (scope !== "@obsqra" || name === undefined) return specifier;
  return join(name === "server" ? "apps" : "packages", name, ...path);
}

/** The exception that allows an import although a rule refuses it. */
export function exceptionFor(file: string, target: string) {
  return importExceptions.find(
    ({ files, imports }) => matchesGlob(file, files) && matchesGlob(target, imports),
  );
}

/** What a file may import, in lines for a person. */
export function explainFile(file: string): string[] {
  const rule = ruleOf(file);
  if (rule === undefined) return ["This place is not in the table."];
  const feature = isTest(file) ? undefined : featureOf(file);
  const features = feature === undefined ? undefined : featureRules[feature]?.uses;
  return [
    `packages: ${list(allowedWorkspaces(file))}. ${rule.instead}`,
    ...(rule.libraries && !isTest(file) ? [`libraries: ${list(rule.libraries)}`] : []),
    ...(features
      ? [`features, by *.service.ts: ${list(features.map(describeFeature))}. ${featureInstead}`]
      : []),
    ...layersOf(file).map(({ refuses, instead }) => `never: ${list(refuses)}. ${instead}`),
    ...importExceptions
      .filter(({ files }) => matchesGlob(file, files))
      .map(({ imports, because }) => `exception: ${imports}. ${because}`),
  ];
}

function judgeWorkspace(file: string, target: string, specifier: string): Verdict | undefined {
  const [from, to] = [workspaceOf(file), workspaceOf(target)];
  const rule = ruleOf(file);
  if (rule === undefined) {
    return { rule: "this place is not in the table", instead: "Say there what it may use." };
  }
  if (to === undefined) {
    if (rule.libraries === undefined || isTest(file) || rule.libraries.includes(target)) return undefined;
    return { rule: `${from} imports ${list(rule.libraries)} only`, instead: rule.instead };
  }
  if (from === to) {
    if (specifier.startsWith(".") || isTest(file)) return undefined;
    return { rule: "a package does not import itself by its name", instead: byPathInstead };
  }
  if (specifier.startsWith(".")) {
    return { rule: "no path leads into another package", instead: byNameInstead };
  }
  const allowed = allowedWorkspaces(file);
  if (allowed.includes(to)) return undefined;
  return { rule: `${from} may use ${list(allowed)} of this workspace`, instead: rule.instead };
}

function judgeFeature(file: string, target: string): Verdict | undefined {
  const [from, to] = [featureOf(file), featureOf(target)];
  if (to === undefined || from === to || isTest(file)) return undefined;
  if (from !== undefined && featureRules[from] === undefined) {
    return { rule: `the feature ${from} is not in the table`, instead: "Say there which features it uses." };
  }
  if (from !== undefined && !featureRules[from]?.uses.includes(to)) {
    return {
      rule: `${from} may use ${list(featureRules[from]?.uses ?? [])} of the features`,
      instead: featureInstead,
    };
  }
  // The files beside the features put them together: they import routers and types, too.
  const isPublic =
    from === undefined
      ? !target.endsWith(".queries.ts")
      : target.endsWith(".service.ts") ||
        featureRules[to]?.public?.some((path) => target.endsWith(`/${to}/${path}`));
  return isPublic
    ? undefined
    : { rule: `a feature's internals are private to it`, instead: featureInternalsInstead };
}

function judgeLayers(file: string, target: string): Verdict | undefined {
  for (const { refuses, instead } of layersOf(file)) {
    const refused = refuses.find((pattern) => matchesTarget(target, pattern));
    if (refused !== undefined) return { rule: `${file.split("/").at(-1)} never imports ${refused}`, instead };
  }
  return undefined;
}

function matchesTarget(target: string, pattern: string): boolean {
  if (pattern.startsWith("**")) return matchesGlob(target, pattern);
  const name = pattern.replace("@obsqra/", "packages/");
  return target === name || target.startsWith(`${name}/`);
}

function layersOf(file: string): LayerRule[] {
  return layerRules.filter(({ files, except = [] }) => isIn(file, files) && !isIn(file, except));
}

function allowedWorkspaces(file: string): readonly string[] {
  const { uses = [], testsUse = [] } = ruleOf(file) ?? {};
  return isTest(file) ? [...uses, ...testsUse] : uses;
}

function describeFeature(name: string): string {
  return [name, ...(featureRules[name]?.public ?? [])].join(" + ");
}

function ruleOf(file: string): WorkspaceRule | undefined {
  return workspaceRules[workspaceOf(file) ?? ""];
}

function workspaceOf(path: string): string | undefined {
  return /^(?:packages|apps)\/[^/]+|^scripts(?=\/)/.exec(path)?.[0];
}

function featureOf(path: string): string | undefined {
  return /^packages\/features\/src\/([^/]+)\//.exec(path)?.[1];
}

function isTest(file: string): boolean {
  return isIn(file, testFiles);
}

function isIn(file: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(file, glob));
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}
