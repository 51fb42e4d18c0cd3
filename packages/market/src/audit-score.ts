/*
 * How audit_score is set. Points are given for what a reader can open, never for what is said to exist:
 *
 *   core audits   published reports by named, independent firms on the contracts that hold the funds, on the
 *                 chain we cover: 40 for the first firm, 20 for the second, 10 for a third
 *   other audits  10 for a published report on contracts around the core (pools, periphery, governance, token)
 *   bug bounty    10 for a public programme with stated rewards
 *   open source   10 for public source of the deployed contracts
 *   warning       −10 when an auditor's own report warns of elevated remaining risk
 *   exploited     at most 10 once audited contracts were exploited and users lost funds
 *
 * `auditEvidence` holds the facts, `scoreAudits` does the sum, a test compares it with the registry. Reviewed
 * 2026-11 with a stored copy of the public web; what could not be found there counts as nothing, and is said
 * in a comment.
 */

/** The facts behind a score. */
export interface AuditEvidence {
  /** Named firms with a published report on the core contracts. */
  coreAuditFirms: readonly string[];
  hasOtherAudit: boolean;
  hasBugBounty: boolean;
  hasPublicSource: boolean;
  hasAuditorWarning: boolean;
  wasExploited: boolean;
}

/** The score of the rubric at the top of this file, 0 to 100. */
export function scoreAudits(evidence: AuditEvidence): number {
  const corePoints = [0, 40, 60, 70][Math.min(evidence.coreAuditFirms.length, 3)] ?? 0;
  const points =
    corePoints +
    (evidence.hasOtherAudit ? 10 : 0) +
    (evidence.hasBugBounty ? 10 : 0) +
    (evidence.hasPublicSource ? 10 : 0) -
    (evidence.hasAuditorWarning ? 10 : 0);
  return Math.min(Math.max(points, 0), evidence.wasExploited ? 10 : 100);
}

/** The facts from which each curated score follows. */
export const auditEvidence: Readonly<Record<string, AuditEvidence>> = {
  // Trail of Bits and Zellic are said to have audited Nostra, but no report could be found
  // (exponential.fi: "not yet public"). The Audit-Portfolio holds a review of Nostra Pools by one auditor.
  nostra: {
    coreAuditFirms: [],
    hasOtherAudit: true,
    hasBugBounty: false,
    hasPublicSource: false,
    hasAuditorWarning: false,
    wasExploited: false,
  },
  // Nethermind NM-0058 and NM-0097 (2023-09-29), ABDK zkLendCore (2023-08-18), both before the exploit.
  zklend: {
    coreAuditFirms: ["Nethermind", "ABDK"],
    hasOtherAudit: true,
    hasBugBounty: false,
    hasPublicSource: false,
    hasAuditorWarning: false,
    wasExploited: true,
  },
  // Cairo Security Clan reviewed the governance contracts. The reports listed at docs.ekubo.org/reference/audits
  // that we could read cover the EVM contracts; none on the Starknet core could be found.
  ekubo: {
    coreAuditFirms: [],
    hasOtherAudit: true,
    hasBugBounty: false,
    hasPublicSource: true,
    hasAuditorWarning: false,
    wasExploited: false,
  },
  // ChainSecurity (which warns of "an elevated risk of undiscovered vulnerabilities") and Cairo Security Clan;
  // bounty at immunefi.com/bug-bounty/vesu; source at github.com/vesuxyz/vesu-v1.
  vesu: {
    coreAuditFirms: ["ChainSecurity", "Cairo Security Clan"],
    hasOtherAudit: true,
    hasBugBounty: true,
    hasPublicSource: true,
    hasAuditorWarning: true,
    wasExploited: false,
  },
};
