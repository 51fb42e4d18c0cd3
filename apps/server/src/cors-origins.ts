/** Schemes that are no place of an application: pages of them have the origin `null`, or could be anybody's. */
const unusableSchemes = new Set(["blob:", "data:", "file:", "javascript:", "null:"]);

const scheme = "[a-z][a-z0-9+.-]*://";
const label = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";

/** An origin of an application or a browser's extension: the scheme and one name, such as `capacitor://localhost`. */
const applicationOrigin = new RegExp(`^${scheme}${label}(?:\\.${label})*(?::[0-9]+)?$`);

/** A star for all or a part of the first label, and at least two labels after it. */
const wildcardOrigin = new RegExp(
  `^https?://(?:[a-z0-9][a-z0-9-]*)?\\*(?:[a-z0-9-]*[a-z0-9])?(?:\\.${label}){2,}(?::[0-9]+)?$`,
);

/** As browsers send the origin of a page: scheme, host and port, nothing else. */
export function isWebOrigin(text: string): boolean {
  // The URL standard takes a star for a letter like any other.
  return /^https?:[^*]*$/.test(text) && URL.parse(text)?.origin === text;
}

/** Whether a text says which origins may call: `*`, an origin, or one with a star in its first label. */
export function isOriginRule(text: string): boolean {
  if (text === "*" || isWebOrigin(text) || wildcardOrigin.test(text)) return true;
  const { protocol = "null:" } = URL.parse(text) ?? {};
  return applicationOrigin.test(text) && !/^https?:$/.test(protocol) && !unusableSchemes.has(protocol);
}

/** What @fastify/cors takes for the origins that may call; false for none but the server's own pages. */
export type AllowedOrigins = boolean | string | (string | RegExp)[];

/**
 * Whether a page of an origin may open a WebSocket. No browser asks CORS about that, so that the server has to look: it decides as
 * CORS does for requests.
 *
 * @param origin undefined where no browser asks
 * @param host of the request, with its port: its own pages are let in
 */
export function isOriginAllowed(allowed: AllowedOrigins, origin: string | undefined, host: string): boolean {
  if (origin === undefined || allowed === "*" || allowed === true) return true;
  if (URL.parse(origin)?.host === host) return true;
  return [allowed].flat().some((rule) => (rule instanceof RegExp ? rule.test(origin) : rule === origin));
}

/**
 * What @fastify/cors compares origins with. A star stands for letters, digits and hyphens, never for a dot: it is one label
 * or a part of it.
 */
export function toOriginMatchers(rules: readonly string[]): (string | RegExp)[] {
  return rules.map((rule) => {
    const [before = "", after] = rule.split("*");
    if (after === undefined || rule === "*") return rule;
    return new RegExp(`^${before}[a-z0-9-]+${after}$`.replaceAll(".", "\\."));
  });
}
