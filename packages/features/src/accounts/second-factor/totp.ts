import { generateURI, ScureBase32Plugin, verifySync } from "otplib";
import encodeQr from "qr";

/** Every app takes these, and some take no others: SHA-1, six digits, 30 seconds. */
const periodSeconds = 30;
const secretBytes = 20;
const issuer = "Obsqra";

const base32 = new ScureBase32Plugin();

/** Makes a secret of 160 bits, as RFC 4226 recommends, in Base32. */
export function createTotpSecret(randomBytes: (size: number) => Uint8Array): string {
  return base32.encode(randomBytes(secretBytes));
}

/** Makes the link by which an app takes a secret over, named by the service and the address of the account. */
export function otpauthUri({ secret, email }: { readonly secret: string; readonly email: string }): string {
  return generateURI({ issuer, label: email, secret });
}

/** Draws a link as a QR code, as SVG. */
export function qrCodeOf(uri: string): string {
  return encodeQr(uri, "svg");
}

/**
 * The period whose code this is, counted in 30 seconds since 1970: the present one, the one before or the next, since clocks of
 * phones differ.
 *
 * @param lastPeriod the period of the last code that was accepted: no code of it or before is accepted again
 * @returns undefined for a code that is none of them
 */
export function periodOfCode(
  secret: string,
  code: string,
  { now, lastPeriod }: { readonly now: Date; readonly lastPeriod: number | null },
): number | undefined {
  // The library throws for what is no code at all, and for a last period that has not come yet: the clock was set back.
  if (!/^\d{6}$/.test(code)) return undefined;
  const epoch = Math.floor(now.getTime() / 1000);
  if (lastPeriod !== null && lastPeriod > Math.floor(epoch / periodSeconds)) return undefined;
  const checked = verifySync({
    secret,
    token: code,
    epoch,
    period: periodSeconds,
    epochTolerance: periodSeconds,
    ...(lastPeriod !== null && { afterTimeStep: lastPeriod }),
  });
  return checked.valid && "timeStep" in checked ? checked.timeStep : undefined;
}
