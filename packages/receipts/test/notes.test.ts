import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { TLogEntryWithInclusionProof } from "@sigstore/bundle";
import { verifyCheckpoint } from "@sigstore/verify/dist/tlog/checkpoint.js";
import type { TLogAuthority } from "@sigstore/verify/dist/trust/trust.types.js";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  checkCosignature,
  checkpointText,
  checkSignature,
  cosign,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  hashTree,
  hexToBytes,
  logKeyOf,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  parseVerifierKey,
  signCheckpoint,
  utf8ToBytes,
  witnessKeyOf,
} from "../src/index.ts";

/** The example of Go's `golang.org/x/mod/sumdb/note`, from which C2SP's format is taken. */
const peter = parseVerifierKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
const peterNote = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

/** A checkpoint that a log of Certificate Transparency has published, with signatures of several kinds and of witnesses. */
const archeCheckpoint = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
`;
const arche = parseVerifierKey(
  "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
);
const remora = parseVerifierKey("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");

const secretKey = new Uint8Array(32).fill(7);
const origin = "example.org/log";
const head = { size: 3, root: hashTree([]) };

describe("a signed note", () => {
  it("of Go's example and of a published checkpoint holds, as long as nothing is changed", () => {
    expect(checkSignature(parseNote(peterNote), peter)).toBe("valid");
    expect(checkSignature(parseNote(peterNote.replace("problem is", "problem was")), peter)).toBe("invalid");
    expect(checkSignature(parseNote(archeCheckpoint), arche)).toBe("valid");
    expect(checkSignature(parseNote(archeCheckpoint.replace("1432088532", "1432088533")), arche)).toBe(
      "invalid",
    );
    expect(checkSignature(parseNote(archeCheckpoint), peter)).toBe("absent");
  });

  it("is written as it was read", () => {
    for (const note of [peterNote, archeCheckpoint]) expect(formatNote(parseNote(note))).toBe(note);
    for (const key of [peter, arche, remora]) expect(parseVerifierKey(formatVerifierKey(key))).toEqual(key);
  });

  it.each([
    ["", "a text, an empty line"],
    ["text\n", "a text, an empty line"],
    ["text\n\n", "a text, an empty line"],
    [peterNote.trimEnd(), "a text, an empty line"],
    [peterNote.replace("— ", "- "), "signature line"],
    [peterNote.replace("nAM=", "nAN="), "Base64"],
    [peterNote.replace("If", "I\u0007f"), "control"],
    [`text\n\n${"— a AAAAAAAA\n".repeat(65)}`, "too many"],
  ])("is refused when it is none: %j", (note, complaint) => {
    expect(() => parseNote(note)).toThrow(complaint);
  });

  it("has a key whose id is that of its key", () => {
    expect(() => parseVerifierKey(formatVerifierKey(peter).replace("c74f20a3", "c74f20a4"))).toThrow("id");
    for (const text of ["", "a+b+c", "PeterNeumann+c74f20a3+AQ=="]) {
      expect(() => parseVerifierKey(text)).toThrow();
    }
    expect(() => logKeyOf("two words", secretKey)).toThrow(RangeError);
  });
});

describe("a checkpoint", () => {
  it("says what was signed, and is refused when its text is none", () => {
    const signed = signCheckpoint(origin, head, secretKey);
    const { note, ...said } = parseCheckpoint(signed);
    expect(said).toEqual({ origin, ...head });
    expect(checkSignature(note, logKeyOf(origin, secretKey))).toBe("valid");
    expect(parseCheckpoint(archeCheckpoint).size).toBe(1_432_088_532);
    for (const changed of [
      signed.replace("\n3\n", "\n03\n"),
      signed.replace("\n3\n", "\n-3\n"),
      signed.replace("\n3\n", "\n9007199254740993\n"),
      signed.replace(origin, ""),
      signed.replace("47DE", "47D"),
    ]) {
      expect(() => parseCheckpoint(changed), changed).toThrow();
    }
  });

  it("is accepted by Sigstore's verifier, and ours accepts the signature of Node's Ed25519", () => {
    const { publicKey } = logKeyOf(origin, secretKey);
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]);
    const envelope = signCheckpoint(origin, head, secretKey);
    // What this check does not read is left out of its authority and entries.
    const authority = {
      baseURL: `https://${origin}`,
      logID: Buffer.from(parseNote(envelope).signatures[0]?.keyId ?? []),
      publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
    } as unknown as TLogAuthority;
    const toEntry = (text: string) =>
      ({ inclusionProof: { checkpoint: { envelope: text } } }) as unknown as TLogEntryWithInclusionProof;
    expect(verifyCheckpoint(toEntry(envelope), [authority])).toMatchObject({ origin, logSize: 3n });
    expect(() => verifyCheckpoint(toEntry(envelope.replace("\n3\n", "\n4\n")), [authority])).toThrow();

    const node = generateKeyPairSync("ed25519");
    const jwk = node.publicKey.export({ format: "jwk" });
    const key = { name: "node", type: 1, publicKey: Buffer.from(jwk.x ?? "", "base64url") } as const;
    const text = checkpointText("node", head);
    const signature = new Uint8Array(sign(null, utf8ToBytes(text), node.privateKey));
    const keyId = hexToBytes(formatVerifierKey(key).split("+")[1] ?? "");
    expect(checkSignature({ text, signatures: [{ name: "node", keyId, signature }] }, key)).toBe("valid");
  });
});

describe("a cosignature", () => {
  it("of a published checkpoint says since when the witness knows it, and of no other", () => {
    expect(checkCosignature(parseNote(archeCheckpoint), remora)).toEqual(new Date("2026-05-23T21:50:24Z"));
    expect(checkCosignature(parseNote(archeCheckpoint.replace("1432088532", "1432088533")), remora)).toBe(
      "invalid",
    );
    expect(checkCosignature(parseNote(peterNote), remora)).toBe("absent");
  });

  it("holds as we write it, and not with another time", () => {
    const text = checkpointText(origin, head);
    const name = "witness.example.org";
    const time = new Date("2026-11-30T12:00:00Z");
    const witness = witnessKeyOf(name, secretKey);
    const line = cosign(text, { name, secretKey, time });
    expect(checkCosignature({ text, signatures: [line] }, witness)).toEqual(time);
    const backdated = line.signature.slice();
    backdated[7] = (backdated[7] ?? 0) ^ 1;
    expect(checkCosignature({ text, signatures: [{ ...line, signature: backdated }] }, witness)).toBe(
      "invalid",
    );
  });
});

describe("a proof in one text", () => {
  it("is written in C2SP's form and read again, with extra data passed over", () => {
    const proof = { index: 2, proof: [hashTree([])], checkpoint: signCheckpoint(origin, head, secretKey) };
    const text = formatTlogProof(proof);
    expect(text).toBe(
      `c2sp.org/tlog-proof@v1\nindex 2\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n${proof.checkpoint}`,
    );
    expect(parseTlogProof(text)).toEqual(proof);
    expect(parseTlogProof(text.replace("index", "extra AAAA\nindex"))).toEqual(proof);
    for (const changed of [
      text.replace("@v1", "@v2"),
      text.replace("index 2", "index 02"),
      text.replace("index 2\n", ""),
      text.replace("47DE", "47"),
    ]) {
      expect(() => parseTlogProof(changed), changed).toThrow();
    }
  });
});

it("writes canonical JSON as RFC 8785 has it, and nothing that JSON cannot say", () => {
  // The example of RFC 8785, section 3.2.2, with the first number as it is read.
  const value = {
    numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: "€$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  expect(() => canonicalJson({ value: Number.NaN })).toThrow();
});
