import { createResolve, type GuardedOutcome, getGuarded, type TargetRules } from "@obsqra/http";
import type { Sealer } from "@obsqra/platform";
import { z } from "zod";
import { OAuthError } from "./oauth-error.ts";
import { isRedirectUri } from "./redirect-uri.ts";

/** An agent as it describes itself. */
export interface AgentClient {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
}

/** What reading a client uses. */
export interface AgentClientDependencies {
  readonly sealer: Sealer;
  readonly clock: () => Date;
  /** Documents are read from where webhooks may be sent to. */
  readonly webhookTargets: TargetRules;
}

/** A registered client ends after so long, and registers again. */
const registrationDays = 90;
const dayMs = 86_400_000;

/** Longer documents are not read. */
const documentBytesMax = 5_120;

const redirectUris = z
  .array(z.string().max(200).refine(isRedirectUri, "has to be https, or http on this machine"))
  .min(1)
  .max(5);

const registration = z.object({
  client_name: z.string().optional(),
  redirect_uris: redirectUris,
  token_endpoint_auth_method: z.literal("none").optional(),
});

const registered = z.object({
  purpose: z.literal("agent client"),
  name: z.string(),
  redirect_uris: redirectUris,
  registered_at: z.number(),
});

const document = z.object({ client_id: z.string(), client_name: z.string(), redirect_uris: redirectUris });

/**
 * Registers an agent that no host vouches for (RFC 7591). Nothing is stored: its id is what it has said, sealed, so that registering again and
 * again fills nothing up.
 *
 * @throws OAuthError invalid_redirect_uri, invalid_client_metadata
 */
export function registerAgentClient(
  { sealer, clock }: Pick<AgentClientDependencies, "sealer" | "clock">,
  metadata: unknown,
): AgentClient & { readonly registered_at: Date } {
  const read = registration.safeParse(metadata);
  if (!read.success) {
    const isAboutUris = read.error.issues.some(({ path }) => path[0] === "redirect_uris");
    throw new OAuthError(
      isAboutUris ? "invalid_redirect_uri" : "invalid_client_metadata",
      "Name one to five redirect_uris of at most 200 characters, https or http on the loopback interface. Clients have no secret.",
    );
  }
  const { redirect_uris, client_name } = read.data;
  const registered_at = clock();
  const name = readable(client_name);
  const said = {
    ...{ purpose: "agent client", name, redirect_uris },
    registered_at: registered_at.getTime(),
  } satisfies z.input<typeof registered>;
  const client_id = Buffer.from(sealer.seal(JSON.stringify(said))).toString("base64url");
  return { client_id, client_name: name, redirect_uris, registered_at };
}

/**
 * Finds a client: by the document at its id, if that is a URL (Client ID Metadata Documents), or by what it has registered.
 *
 * @throws OAuthError invalid_client
 */
export async function readAgentClient(deps: AgentClientDependencies, clientId: string): Promise<AgentClient> {
  return clientHostOf(clientId) === null
    ? openRegistration(deps, clientId)
    : readDocument(clientId, deps.webhookTargets);
}

/** The host that vouches for a client; null where none does. */
export function clientHostOf(clientId: string): string | null {
  return /^https?:/.test(clientId) && URL.canParse(clientId) ? new URL(clientId).host : null;
}

function openRegistration({ sealer, clock }: AgentClientDependencies, client_id: string): AgentClient {
  try {
    const text = sealer.open(Buffer.from(client_id, "base64url"));
    const { name, redirect_uris, registered_at } = registered.parse(JSON.parse(text));
    if (clock().getTime() - registered_at < registrationDays * dayMs) {
      return { client_id, client_name: name, redirect_uris };
    }
  } catch {
    // Not one of ours, or of a secret that is no longer kept.
  }
  throw new OAuthError("invalid_client", "The client_id is unknown or over. Register again.");
}

async function readDocument(client_id: string, rules: TargetRules): Promise<AgentClient> {
  const url = new URL(client_id);
  const isProper =
    url.href === client_id &&
    url.pathname !== "/" &&
    url.hash === "" &&
    url.username === "" &&
    url.password === "";
  if (!isProper) throw new OAuthError("invalid_client", "The client_id is no URL of a metadata document.");
  const outcome = await getGuarded(
    { url: client_id, headers: { accept: "application/json" } },
    // Whether there was more is seen by one byte more.
    { rules, resolve: createResolve(rules), bodyBytesMax: documentBytesMax + 1, bodyMs: 1_000 },
  );
  const { client_name, redirect_uris, ...found } = parseDocument(outcome);
  if (found.client_id !== client_id) {
    throw new OAuthError("invalid_client", "The metadata document is that of another client_id.");
  }
  return { client_id, client_name: readable(client_name), redirect_uris };
}

function parseDocument(outcome: GuardedOutcome): z.output<typeof document> {
  try {
    if ("failure" in outcome) throw new Error(outcome.failure);
    if (outcome.status !== 200 || outcome.body.byteLength > documentBytesMax) throw new Error("No document.");
    return document.parse(JSON.parse(Buffer.from(outcome.body).toString()));
  } catch (cause) {
    // What came instead is nobody's business: the answer would say what is in the network of the service.
    throw Object.assign(
      new OAuthError(
        "invalid_client",
        "There is no valid metadata document of at most 5 KB at the client_id.",
      ),
      { cause },
    );
  }
}

/** A name that cannot reorder or hide the text around it. */
function readable(name = ""): string {
  const text = name.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  return text === "" ? "An agent without a name" : [...text].slice(0, 100).join("");
}
