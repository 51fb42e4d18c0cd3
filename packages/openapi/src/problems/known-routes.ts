import type { RouteOptions } from "fastify";

/** Remembers which methods each path has, for telling a wrong method from an unknown path. */
export interface KnownRoutes {
  readonly add: (route: Pick<RouteOptions, "method" | "url">) => void;
  /** The methods of a path, sorted; empty for an unknown path. */
  readonly allowedMethods: (path: string) => string[];
}

export function createKnownRoutes(): KnownRoutes {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  return {
    add({ method, url }) {
      // The catch-all of @fastify/cors says nothing about which paths exist.
      if (url === "*" || url === "/*") return;
      const route = routes.get(url) ?? { pattern: toPattern(url), methods: new Set<string>() };
      for (const each of [method].flat()) route.methods.add(each);
      routes.set(url, route);
    },
    allowedMethods(path) {
      const matching = [...routes.values()].filter(({ pattern }) => pattern.test(path));
      return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
    },
  };
}

/** `/transactions/:tx_hash` matches any one segment in the place of the parameter, and a trailing slash. */
function toPattern(url: string): RegExp {
  const segments = url.replace(/\/$/, "").split("/");
  const pattern = segments.map((segment) => {
    if (segment.startsWith(":")) return "[^/]+";
    return segment === "*" ? ".*" : segment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${pattern.join("/")}/?$`);
}
