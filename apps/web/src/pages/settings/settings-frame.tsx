import type { ReactNode } from "react";
import { PageHead } from "../../components/page-head.tsx";
import { SignedInOnly } from "../../components/signed-in-only.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { texts } from "../../texts/index.ts";
import { ConfirmPassword } from "./confirm-password.tsx";

const words = texts.settings;

const parts = [
  ["/settings", "profile"],
  ["/settings/security", "security"],
  ["/settings/wallets", "wallets"],
  ["/settings/organisations", "organisations"],
  ["/settings/developers", "developers"],
  ["/settings/data", "data"],
] as const;

interface SettingsFrameProps {
  readonly part: (typeof parts)[number][1];
  readonly children: ReactNode;
}

/** What is around each part of the settings. */
export function SettingsFrame({ part, children }: SettingsFrameProps) {
  return (
    <>
      <PageHead title={`${words.parts[part]}`} lead={words.leads[part]} />
      <SignedInOnly title={words.signInFirst}>
        <Tabs label={words.title} tabs={parts.map(([to, name]) => ({ to, name: words.parts[name] }))} />
        <ConfirmPassword>{children}</ConfirmPassword>
      </SignedInOnly>
    </>
  );
}
