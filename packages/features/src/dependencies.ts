import type { TargetRules } from "@obsqra/http";
import type { JobDescription, PlatformDependencies, ResponseCache, StorageQuotas } from "@obsqra/platform";
import type { ChainReader, RiskEngineReader } from "@obsqra/starknet";
import type { IdentityProvider } from "./accounts/identities/providers/identity-provider.ts";
import type { RelyingParty } from "./accounts/passkeys/relying-party.ts";
import type { PasswordHasher } from "./accounts/passwords/password-hasher.ts";
import type { ThrottleLimits } from "./accounts/throttle/throttle.service.ts";
import type { GasQuotes } from "./predictions/advice/gas-quotes.ts";
import type { Optimizer } from "./predictions/advice/optimizer.ts";
import type { LogAnchoring } from "./receipts/anchors/anchors.service.ts";
import type { LogWitness } from "./receipts/witnesses/cosignatures.service.ts";

/** Everything that varies. Each service asks only for what it uses. */
export interface ApiDependencies extends PlatformDependencies {
  /** Cryptographically strong random bytes; the only source of them. */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly passwordHasher: PasswordHasher;
  readonly throttleLimits: ThrottleLimits;
  /** Waits; the only way to. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Undefined when no Starknet node is configured: wallets cannot be linked then. */
  readonly chain: ChainReader | undefined;
  /** The contracts of the protocols, as canonical felts; empty where transactions are not compared with them. */
  readonly protocolContracts: ReadonlySet<string>;
  /** Undefined when no RiskEngine contract is configured, or no node to ask it through. */
  readonly riskEngine: RiskEngineReader | undefined;
  /** The origin that users see, shown in messages that they sign. */
  readonly publicUrl: string;
  readonly gasQuotes: GasQuotes;
  /** The site that passkeys belong to. */
  readonly relyingParty: RelyingParty;
  /** By whom people can sign in; none where the operator has configured none. */
  readonly identityProviders: readonly IdentityProvider[];
  readonly optimizer: Optimizer;
  readonly storageQuotas: StorageQuotas;
  readonly cache: ResponseCache;
  /** The jobs of all features, whether this process runs them or another. */
  readonly jobs: readonly JobDescription[];
  /** Name of the market source whose figures are served, such as `defillama`. */
  readonly marketSource: string;
  /** Who is asked to cosign the transparency log's checkpoints; nobody where none is configured. */
  readonly logWitnesses: readonly LogWitness[];
  /** Where trees of the transparency log are anchored; undefined where no contract, account or node is configured. */
  readonly logAnchoring: LogAnchoring | undefined;
  /** Whether the market data that forecasts were made from may be published; else only its hash is. */
  readonly publishSnapshots: boolean;
  /** Where webhooks may send to. */
  readonly webhookTargets: TargetRules;
}
