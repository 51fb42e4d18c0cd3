import { createHmac } from "node:crypto";
import { createClient, signIn } from "@obsqra/client";

// From the set-up of the second factor. Keep them where you keep the passwords of your services.
const { email, password, secret } = { email: "ada@example.org", password: "pass phrase", secret: "BASE32" };

const obsqra = createClient({ url: "http://localhost:8000" });
const step = await signIn(obsqra, { email, password });
const done = step.state === "code_needed" ? await step.answer({ code: codeOf(secret) }) : step;
if (done.state !== "signed_in") throw done.refused;
console.log(await obsqra.auth.me.query());

/** The code of now, as an app would show it (RFC 6238). */
function codeOf(base32: string): string {
  const digits = [...base32].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter));
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const period = Buffer.alloc(8);
  period.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(period).digest();
  const number = mac.readUInt32BE(mac.readUInt8(19) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}
