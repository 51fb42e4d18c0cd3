import { AppError } from "@obsqra/platform";
import mostCommonPasswords from "@zxcvbn-ts/language-common/src/passwords.json" with { type: "json" };

/** The person whose name and email must not make up a password. */
export interface PasswordOwner {
  readonly email: string;
  readonly full_name: string;
}

/** Words of this service, which attackers of its users try (OWASP ASVS 5.0, 6.1.2). */
const serviceWords = ["obsqra", "starknet", "starkware", "stark", "cairo", "defi", "yield", "wallet"];

/** Shorter ones are refused for their length already. */
const commonPasswords = new Set(mostCommonPasswords.filter((password) => password.length >= 8));

/**
 * Refuses passwords that attackers try first: those on a list of common ones, in any case, and those that are nothing but
 * words of this service, of the owner's name or address, with digits and punctuation. Looks at a copy; the password itself
 * is never changed, and what it is made of otherwise does not matter (NIST SP 800-63B-4, 3.1.1.2).
 *
 * @throws AppError PASSWORD_REJECTED
 */
export function assertGoodPassword(password: string, owner: PasswordOwner): void {
  if (commonPasswords.has(password.normalize("NFKC").toLowerCase())) {
    throw new AppError("PASSWORD_REJECTED", { reason: "common" });
  }
  const text = lettersAndDigits(password);
  if (isMadeOf(text, serviceWords)) throw new AppError("PASSWORD_REJECTED", { reason: "service_name" });
  if (isMadeOf(text, [...serviceWords, ...wordsOf(owner)])) {
    throw new AppError("PASSWORD_REJECTED", { reason: "personal" });
  }
}

/** In lower case, without accents, spaces and punctuation. */
function lettersAndDigits(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** The name and both halves of the address, each as a whole and in its parts. Single letters say nothing. */
function wordsOf({ email, full_name }: PasswordOwner): string[] {
  const [localPart = "", domain = ""] = email.split("@");
  return [localPart, domain, full_name]
    .flatMap((text) => [text, ...text.split(/[^\p{L}\p{M}]+/u)])
    .map(lettersAndDigits)
    .filter((word) => [...word].length >= 2);
}

/** Whether a text is words in a row, at least one, with digits anywhere between them. */
function isMadeOf(text: string, words: readonly string[]): boolean {
  // At each position, whether what is before it can be read so: undefined, "digits" only, or with "words". A search by
  // regular expression would take exponential time for some names.
  const readings: ("digits" | "words" | undefined)[] = ["digits"];
  for (let position = 0; position < text.length; position += 1) {
    const reading = readings[position];
    if (reading === undefined) continue;
    if (/\p{N}/u.test(text.charAt(position))) readings[position + 1] ??= reading;
    for (const word of words) {
      if (text.startsWith(word, position)) readings[position + word.length] = "words";
    }
  }
  return readings[text.length] === "words";
}
