import { describe, expect, it } from "vitest";
import { auditEvidence, scoreAudits } from "./audit-score.ts";
import { entryForUnknownProject, findProtocol, protocolRegistry } from "./protocol-registry.ts";
import { protocolSlugPattern } from "./protocol-slug.ts";

const day = /^\d{4}-\d{2}-\d{2}$/;

describe("protocolRegistry", () => {
  it("never offers zkLend for allocation", () => {
    expect(findProtocol("zklend")).toMatchObject({ status: "exploited", status_since: "2025-02-12" });
    const active = protocolRegistry.filter(({ status }) => status === "active").map(({ name }) => name);
    expect(active).toEqual(["nostra", "ekubo", "vesu"]);
  });

  it("gives every protocol the audit score that its evidence earns", () => {
    const scores = Object.fromEntries(protocolRegistry.map(({ name, audit_score }) => [name, audit_score]));
    const earned = Object.entries(auditEvidence).map(([name, evidence]) => [name, scoreAudits(evidence)]);
    expect(scores).toEqual(Object.fromEntries(earned));
  });

  it.each(protocolRegistry)("backs every claim about $name with an https address", (entry) => {
    expect(entry.name).toMatch(protocolSlugPattern);
    const urls = [
      entry.evidence_url,
      entry.audit_evidence_url,
      entry.launch_evidence_url,
      ...entry.incidents.map(({ evidence_url }) => evidence_url),
    ];
    for (const url of urls.filter((candidate) => candidate !== null)) {
      expect(new URL(url).protocol).toBe("https:");
    }
    expect(entry.audit_score > 0).toBe(entry.audit_evidence_url !== null);
    expect(entry.launched_on === null).toBe(entry.launch_evidence_url === null);
    expect(entry.status === "active" || entry.evidence_url !== null).toBe(true);
  });

  it.each(protocolRegistry)("dates the history of $name in order", ({ launched_on, incidents }) => {
    const dates = [launched_on, ...incidents.map(({ date }) => date)].filter((date) => date !== null);
    expect(dates).toEqual([...dates].sort());
    for (const date of dates) {
      expect(date).toMatch(day);
    }
    for (const { loss_usd } of incidents) {
      expect(loss_usd ?? "0").toMatch(/^\d+$/);
    }
  });
});

describe("scoreAudits", () => {
  const nothing = {
    coreAuditFirms: [],
    hasOtherAudit: false,
    hasBugBounty: false,
    hasPublicSource: false,
    hasAuditorWarning: false,
    wasExploited: false,
  };
  const everything = {
    coreAuditFirms: ["one", "two", "three", "four"],
    hasOtherAudit: true,
    hasBugBounty: true,
    hasPublicSource: true,
    hasAuditorWarning: false,
    wasExploited: false,
  };

  it("gives 0 when nothing is known, and 100 for everything", () => {
    expect(scoreAudits(nothing)).toBe(0);
    expect(scoreAudits({ ...nothing, hasAuditorWarning: true })).toBe(0);
    expect(scoreAudits(everything)).toBe(100);
  });

  it("gives an exploited protocol at most 10, whatever the reports said", () => {
    expect(scoreAudits({ ...everything, wasExploited: true })).toBe(10);
  });
});

describe("entryForUnknownProject", () => {
  it("is active, without evidence, age or score", () => {
    expect(entryForUnknownProject("Uniswap V3")).toEqual({
      name: "uniswap-v3",
      display_name: "Uniswap V3",
      kind: "unknown",
      status: "active",
      status_since: null,
      evidence_url: null,
      audit_score: 0,
      audit_evidence_url: null,
      launched_on: null,
      launch_evidence_url: null,
      incidents: [],
    });
  });

  it("refuses a name that leaves no slug", () => {
    expect(() => entryForUnknownProject("???")).toThrow(RangeError);
  });
});
