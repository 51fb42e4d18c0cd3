import type { MarketKind } from "./market-source.ts";
import { protocolSlug } from "./protocol-slug.ts";

/*
 * audit_score follows the rubric in audit-score.ts. launched_on is the earliest day for which we hold evidence
 * that the protocol was live on Starknet, so that its age is never overstated.
 */

/** Only `active` protocols may receive an allocation. */
export type ProtocolStatus = "active" | "paused" | "deprecated" | "exploited";

/** What is known of a protocol, each fact with the address where it can be checked. Dates: `YYYY-MM-DD`, UTC. */
export interface ProtocolEntry {
  /** The slug that markets carry as `protocol`. */
  name: string;
  display_name: string;
  /** Of its markets, where they show nothing else. `unknown` where they differ, or nothing is known of any. */
  kind: MarketKind;
  status: ProtocolStatus;
  /** Null while the protocol has been active from its start. */
  status_since: string | null;
  /** Evidence for the status. */
  evidence_url: string | null;
  /** 0 to 100, by the rubric in audit-score.ts. */
  audit_score: number;
  audit_evidence_url: string | null;
  /** Null when no evidence of a date was found. */
  launched_on: string | null;
  launch_evidence_url: string | null;
  /** Ascending by date. */
  incidents: ProtocolIncident[];
}

/** Something that went wrong, with or without a loss. */
export interface ProtocolIncident {
  date: string;
  title: string;
  /** Decimal string, US dollars; null when no loss is reported. */
  loss_usd: string | null;
  evidence_url: string;
}

const auditPortfolioUrl = "https://github.com/Cairo-Security-Clan/Audit-Portfolio";
/** Snapshots of Starknet lending positions; its first ones, of 2023-09-20, hold both zkLend and Nostra. */
const lendingSnapshotsUrl = "https://github.com/CarmineOptions/derisk-research";

/** The curated protocols. */
export const protocolRegistry: readonly ProtocolEntry[] = [
  {
    name: "nostra",
    display_name: "Nostra",
    kind: "lending",
    status: "active",
    status_since: null,
    evidence_url: null,
    audit_score: 10,
    audit_evidence_url: auditPortfolioUrl,
    launched_on: "2023-09-20",
    launch_evidence_url: lendingSnapshotsUrl,
    incidents: [
      {
        date: "2025-03-24",
        title: "Price feed showed xSTRK and sSTRK at three times their value; borrowing against them stopped",
        loss_usd: null,
        evidence_url:
          "https://www.the-blockchain.com/2025/03/24/defi-lender-nostra-halts-borrowing-after-price-feed-glitch-what-went-wrong/",
      },
    ],
  },
  {
    name: "zklend",
    display_name: "zkLend",
    kind: "lending",
    status: "exploited",
    status_since: "2025-02-12",
    evidence_url: "https://rekt.news/zklend-rekt",
    audit_score: 10,
    audit_evidence_url:
      "https://raw.githubusercontent.com/NethermindEth/PublicAuditReports/main/NM0097-FINAL_ZKLEND.pdf",
    launched_on: "2023-09-20",
    launch_evidence_url: lendingSnapshotsUrl,
    incidents: [
      {
        // zkLend's own recovery plan dates the first transactions to 2025-02-11; the press to the 12th.
        date: "2025-02-12",
        title: "Rounding error in the lending accumulator exploited",
        loss_usd: "9500000",
        evidence_url: "https://medium.com/zklend/zklend-compensation-plan-5682dcf91f57",
      },
      {
        date: "2025-06-25",
        title: "Wind-down announced; the remaining treasury goes to a recovery fund",
        loss_usd: null,
        evidence_url:
          "https://www.blockflow.news/news/detail/1912/zkLend-Shuts-Down-After-9-5-Million-Exploit-and-Token-Delisting-Exposing-DeFi-Fragility",
      },
    ],
  },
  {
    name: "ekubo",
    display_name: "Ekubo",
    kind: "dex",
    status: "active",
    status_since: null,
    evidence_url: "https://docs.ekubo.org/reference/contracts/starknet.md",
    audit_score: 20,
    audit_evidence_url:
      "https://github.com/EkuboProtocol/governance/files/15276096/Ekubo_Audit_Report_Final.pdf",
    // The first mint in the ETH/USDC pool.
    launched_on: "2023-08-21",
    launch_evidence_url: "https://github.com/rkevinchao/blockchain-data-analysis",
    incidents: [
      {
        date: "2026-05-06",
        title:
          "Swap router on Ethereum and Arbitrum exploited through token approvals; Starknet not affected",
        loss_usd: "1400000",
        evidence_url:
          "https://cryptofox.news/news/ekubo-protocol-reports-security-breach-in-evm-swap-router-contracts",
      },
    ],
  },
  {
    name: "vesu",
    display_name: "Vesu",
    kind: "lending",
    status: "active",
    status_since: null,
    evidence_url: "https://docs.starknet.io/build/starkzap/lending",
    audit_score: 80,
    audit_evidence_url: "https://chainsecurity.com/security-audit/vesu-protocol-smart-contracts",
    // The bug bounty is "live since" the day of the launch.
    launched_on: "2024-07-10",
    launch_evidence_url: "https://immunefi.com/bug-bounty/vesu",
    incidents: [
      {
        date: "2025-05-23",
        title: "Rounding flaw in liquidations reported through the bug bounty and fixed by migration",
        loss_usd: null,
        evidence_url: "https://rekt.news/dodging-a-bullet",
      },
    ],
  },
];

/** The curated entry of a protocol, by slug; undefined when it is not curated. */
export function findProtocol(name: string): ProtocolEntry | undefined {
  return protocolRegistry.find((entry) => entry.name === name);
}

/**
 * The entry for a project that is in a data file and not in the registry: active, without evidence, audit score 0.
 *
 * @throws RangeError when the name holds no letter or digit to make a slug of.
 */
export function entryForUnknownProject(name: string, kind: MarketKind = "unknown"): ProtocolEntry {
  const slug = protocolSlug(name);
  if (slug === undefined) {
    throw new RangeError("A project name needs at least one letter or digit.");
  }
  return {
    name: slug,
    display_name: name,
    kind,
    status: "active",
    status_since: null,
    evidence_url: null,
    audit_score: 0,
    audit_evidence_url: null,
    launched_on: null,
    launch_evidence_url: null,
    incidents: [],
  };
}
