import { describe, expect, it } from "vitest";
import { exampleEmails, exampleToken as token } from "../testing/example-emails.ts";
import { EmailNotRenderableError, renderEmail } from "./render-email.ts";

const appUrl = "https://app.example.org";
const publicUrl = "https://api.example.org";
const sites = { appUrl, publicUrl };
const to = "ada@example.org";
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

function linksIn(html: string): string[] {
  return [...html.matchAll(/(?:href|src|srcset|action|background)="([^"]*)"/g)].map(([, link = ""]) => link);
}

/** What a reader of the HTML form sees, without spaces. */
function visible(html: string): string {
  const [, body = ""] = html.split("</head>");
  const text = body.replaceAll(/<[^>]*>/g, " ");
  return squeeze(text.replaceAll("&#39;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

describe.each(exampleEmails)("$template", (email) => {
  const rendered = renderEmail(email, sites);

  it("has its recipient, a subject, and the same in plain text as in HTML", () => {
    expect(rendered.to).toBe(to);
    expect(rendered.subject).toMatch(/^[\w ]{10,60}$/);
    for (const line of rendered.text.split("\n").filter((each) => each !== "")) {
      expect(visible(rendered.html)).toContain(squeeze(line).replace(/:$/, ""));
    }
  });

  it("is HTML that says its language and title, and loads nothing", () => {
    expect(rendered.html).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
    expect(rendered.html).toContain(`<title>${rendered.subject}</title>`);
    expect(rendered.html).toContain(`<h1>${rendered.subject}</h1>`);
    expect(rendered.html).not.toMatch(/<(img|link|script|iframe|object|form|video|style)\b|url\(|@import/i);
  });

  it("says what to do if it was not you, or how such mails are ended", () => {
    const choices = /^Choose what you are told:\nhttps:.+\n\nSwitch these mails off:\nhttps:/m;
    expect(rendered.text).toMatch("unsubscription" in email ? choices : /^If it was not you, \S/m);
  });

  it.runIf("unsubscription" in email)("links to preferences and to the page that ends such mails", () => {
    const unsubscribeUrl = `${publicUrl}/account/unsubscribe?token=${token}`;
    const links = [`${appUrl}/account/preferences`, unsubscribeUrl];
    expect(linksIn(rendered.html)).toEqual(links);
    expect(rendered.text.match(/\bhttps?:\S+/g)).toEqual(links);
    expect(rendered.unsubscribeUrl).toBe(unsubscribeUrl);
  });

  it.runIf(!("unsubscription" in email))("cannot be ended: it is about security", () => {
    expect(rendered.unsubscribeUrl).toBeUndefined();
    expect(rendered.text).not.toMatch(/switch these mails off/i);
  });

  it.runIf(!("unsubscription" in email))("links into the frontend only, with the token behind the #", () => {
    const links = [...linksIn(rendered.html), ...(rendered.text.match(/\bhttps?:\S+/g) ?? [])];
    expect(links.length).toBe("token" in email ? 2 : 0);
    for (const link of links) {
      const url = new URL(link);
      expect(url.origin).toBe(appUrl);
      expect([url.search, url.hash]).toEqual(["", `#token=${token}`]);
    }
  });
});

it("links each mail to its own page", () => {
  const pages = exampleEmails.map((email) => [
    email.template,
    linksIn(renderEmail(email, sites).html)[0]?.split("#")[0],
  ]);
  expect(Object.fromEntries(pages)).toMatchObject({
    email_verification: "https://app.example.org/account/verify-email",
    password_reset: "https://app.example.org/account/reset-password",
    email_change_old: "https://app.example.org/account/confirm-email-change",
    email_change_new: "https://app.example.org/account/confirm-email-change",
  });
});

it("links only ever into the frontend, whatever the token", () => {
  const tokens = [
    "@evil.example",
    "//evil.example",
    "https://evil.example",
    "a&b#c?d=e",
    '"><a href="x',
    "\r\n",
  ];
  for (const hostile of tokens) {
    const { html, text } = renderEmail({ template: "password_reset", to, token: hostile }, sites);
    const [link = "", ...others] = linksIn(html);
    expect(others).toEqual([]);
    expect(link).toMatch(/^https:\/\/app\.example\.org\/account\/reset-password#token=[^"<>\s]*$/);
    expect(text).toContain(`\n${link}\n`);
    expect(new URLSearchParams(new URL(link).hash.slice(1)).get("token")).toBe(hostile);
  }
});

it("makes the same links with and without a slash at the end of the frontend's address", () => {
  for (const base of ["https://app.example.org/obsqra", "https://app.example.org/obsqra/"]) {
    expect(
      renderEmail({ template: "password_reset", to, token }, { appUrl: base, publicUrl }).text,
    ).toContain(`https://app.example.org/obsqra/account/reset-password#token=${token}`);
  }
});

it.each([
  "ada@example.org\r\nBcc: eve@example.org",
  "ada@example.org\nSubject: hello",
  "ada@example.org, eve@example.org",
  "ada@example.org eve@example.org",
  "Eve <eve@example.org>",
  '"ada@example.org,eve"@example.org',
  "ada@example.org\u2028eve@example.org",
  "ada@example.org\0",
  `${"a".repeat(250)}@example.org`,
  "ada",
  "",
])("refuses %j as a recipient: it would become another header, or another recipient", (hostile) => {
  expect(() => renderEmail({ template: "email_in_use", to: hostile }, sites)).toThrow(
    EmailNotRenderableError,
  );
});

it("keeps line breaks, control characters and bidirectional overrides of any field out of the mail", () => {
  const hostile = "x\r\nBcc: eve@example.org\r\n\r\nBody\u2028more\u202e\u0007\u001b[31m";
  const at = "2026-01-15T12:00:00.000Z";
  const rendered = [
    renderEmail({ template: "email_change_old", to, token, new_email: hostile }, sites),
    renderEmail({ template: "email_change_notice", to, new_email: hostile }, sites),
    renderEmail({ template: "new_device", to, at, ip: hostile, user_agent: hostile }, sites),
    renderEmail({ template: "new_device", to, at: hostile, ip: null, user_agent: null }, sites),
    renderEmail({ template: "password_changed", to, at: hostile }, sites),
    renderEmail({ template: "deletion_scheduled", to, erase_after: hostile }, sites),
    renderEmail({ template: "password_reset", to, token: hostile }, sites),
  ];
  for (const { subject, text, html } of rendered) {
    expect(subject).toMatch(/^[\w ]+$/);
    for (const body of [text, html]) {
      expect(body).not.toMatch(/^(Bcc|Body|more)/m);
      expect(body).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
    }
  }
});

it("shows markup in a field as text", () => {
  const new_email = `<img src=x onerror="alert('1')">&amp;@example.org`;
  const { html } = renderEmail({ template: "email_change_old", to, token, new_email }, sites);
  expect(html).toContain("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;@example.org");
  expect(html).not.toContain("<img");
});

it("tells of a new device when, from where and with what", () => {
  const at = "2026-01-15T12:34:56.000Z";
  const { text } = renderEmail(
    { template: "new_device", to, at, ip: "2001:db8::1", user_agent: firefox },
    sites,
  );
  expect(text).toContain("Time: 2026-01-15 12:34 UTC\nIP address: 2001:db8::1\nDevice: Firefox on Linux\n");
});

it("says of a new password which passkeys went, and of a new device by which it signed in", () => {
  const at = "2026-01-15T12:34:56.000Z";
  const device = { template: "new_device", to, at, ip: null, user_agent: null } as const;
  const textOf = (email: Parameters<typeof renderEmail>[0]) => squeeze(renderEmail(email, sites).text);
  expect(textOf({ template: "password_changed", to, at, passkeys: "removed" })).toContain(
    "All passkeys were removed",
  );
  expect(textOf({ template: "password_changed", to, at })).not.toContain("passkey");
  expect(textOf({ ...device, method: "passkey" })).toMatch(/with a passkey, .* removes all passkeys/);
  expect(textOf(device)).toMatch(/with your password, .* change your password at once/);
});

it.each([
  [firefox, "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Safari on iPhone",
  ],
  [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36",
    "Chrome on Android",
  ],
  ["curl/8.5.0", "curl"],
  ["node", "unknown"],
  ["Your account is at risk, go to https://evil.example now", "unknown"],
  ["evil.example/1.0", "unknown"],
  ["Call-0900-123456 now/1", "unknown"],
  [null, "unknown"],
])("describes the device %j as %j, and repeats nothing else of what it says", (user_agent, device) => {
  const at = "2026-01-15T12:00:00.000Z";
  const { text } = renderEmail({ template: "new_device", to, at, ip: null, user_agent }, sites);
  expect(text).toContain(`\nDevice: ${device}\n`);
});
