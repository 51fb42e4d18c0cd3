/** What may run on the pages of accounts, and who may keep or frame them. */
export interface PageRules {
  /** Whether a form may be sent without a script. @default false: it would put a password into the address */
  readonly hasForm?: boolean;
  /** Whether it has images and fonts of this server. @default false */
  readonly hasFiles?: boolean;
}

/** Headers of the pages of accounts: nothing inline, nothing from elsewhere, stored, framed and indexed by nobody. */
export function pageHeaders({ hasForm = false, hasFiles = false }: PageRules = {}): Record<string, string> {
  return {
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
      `img-src ${hasFiles ? "'self' " : ""}data:; ${hasFiles ? "font-src 'self'; " : ""}` +
      `base-uri 'none'; form-action ${hasForm ? "'self'" : "'none'"}; frame-ancestors 'none'; require-trusted-types-for 'script'`,
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
  };
}
