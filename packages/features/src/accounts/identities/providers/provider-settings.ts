import { identityProviderId } from "@obsqra/contract";
import { z } from "zod";

const loopbackHosts: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** Whether nobody can listen on the way there: over TLS, or on this machine. */
function isPrivateWay(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.search !== "" || url.hash !== "" || url.username !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopbackHosts.has(url.hostname));
}

const address = z
  .string()
  .refine(isPrivateWay, { error: "is no URL with https, without a query" })
  .transform((text) => text.trim());

const common = {
  id: identityProviderId,
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^[^\p{C}]+$/u, "has characters that cannot be seen"),
  client_id: z.string().min(1).max(500),
  client_secret: z.string().min(1).max(2000),
};

const oidcSettings = z.strictObject({
  kind: z.literal("oidc"),
  ...common,
  /** As the provider names itself, to the letter. */
  issuer: address,
  /** @default "openid email profile" */
  scope: z
    .string()
    .regex(/^openid( \S+)*$/, "does not begin with openid")
    .default("openid email profile"),
});
export type OidcSettings = z.output<typeof oidcSettings>;

const githubSettings = z.strictObject({
  kind: z.literal("github"),
  ...common,
  /** Of GitHub Enterprise Server. @default https://github.com */
  url: address.optional(),
});
export type GithubSettings = z.output<typeof githubSettings>;

const anyProvider = z.discriminatedUnion("kind", [oidcSettings, githubSettings]);
export type ProviderSettings = z.output<typeof anyProvider>;

/** Who vouches for the identities of a provider. */
export function issuerOf(settings: ProviderSettings): string {
  if (settings.kind === "oidc") return settings.issuer;
  return `${githubUrlOf(settings)}/login/oauth`;
}

/** Where GitHub is. */
export function githubUrlOf({ url = "https://github.com" }: Pick<GithubSettings, "url">): string {
  return url.replace(/\/+$/, "");
}

/** How an operator describes the providers, as JSON. */
export const providerSettings = z
  .array(anyProvider)
  .max(20)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, { error: "an id is there twice" })
  .refine((all) => new Set(all.map(issuerOf)).size === all.length, { error: "an issuer is there twice" });
