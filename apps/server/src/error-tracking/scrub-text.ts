/**
 * Text of an error without what may be somebody's: addresses of mail, what is quoted (databases and parsers quote the value that they
 * refuse), tokens and keys, addresses of networks, hexadecimal numbers such as addresses of wallets, and paths and queries of URLs, in which nodes and receivers of
 * webhooks have keys of any length.
 */
export function scrubText(text: string): string {
  return (
    text
      .slice(0, textMax)
      .replaceAll(/\?[^\s"')]+/g, "?[query]")
      .replaceAll(/(\bhttps?:\/\/[^\s/?"'()]+)\/[^\s?"')]+/gi, "$1/[path]")
      .replaceAll(/[^\s@"'<>(),]+@[^\s@"'<>(),]+/g, "[address]")
      // The last quote may have been cut off.
      .replaceAll(/"[^"]*(?:"|$)/g, '"[value]"')
      .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\b/gi, "[network]")
      .replaceAll(/\b0x[0-9a-f]{8,}\b/gi, "[hexadecimal]")
      .replaceAll(/[\w-]{32,}(?:\.[\w-]+)*/g, "[token]")
  );
}

/** No message needs more, and searching through more would hold up requests. */
const textMax = 2_000;
