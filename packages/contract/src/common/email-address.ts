import { z } from "zod";

/** RFC 5321's dot-string in lower case, and a domain of at least two labels, the last of which is no number. */
const pattern =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * An email address, folded before it is checked, so that one mailbox has one spelling: NFKC, trimmed, in lower case, and the
 * domain of any script as DNS has it (A-labels, UTS 46). Left out are what few mail servers deliver to: quoted names, names
 * that are not ASCII (RFC 6531), addresses of machines in brackets, and domains of one label.
 */
export function emailAddress() {
  return z
    .string()
    .normalize("NFKC")
    .trim()
    .toLowerCase()
    .overwrite(toAsciiDomain)
    .max(254)
    .check(z.email({ pattern, error: ({ input }) => advice(String(input)) }));
}

function advice(address: string): string {
  const name = address.slice(0, address.lastIndexOf("@"));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII.
  if (!/^[\x00-\x7f]*$/.test(name))
    return "use letters of ASCII before the @; behind it, those of any script";
  if (name.includes('"')) return "leave out quotation marks before the @";
  return "use an email address such as ada@example.org";
}

/** The URL standard reads domains as UTS 46 says. What it would read as more than a domain stays as it is. */
function toAsciiDomain(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII.
  const isForUrl = /[^\x00-\x7f]/.test(domain) && !/[\s"#%/:<>?@[\\\]^`{|}]/.test(domain);
  const url = isForUrl ? URL.parse(`http://${domain}`) : null;
  return url === null ? address : `${address.slice(0, at + 1)}${url.hostname}`;
}
