import type { ReactNode } from "react";
import { PageHead } from "../../components/page-head.tsx";
import { SignedInOnly } from "../../components/signed-in-only.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { texts } from "../../texts/index.ts";

const words = texts.allocation;

const tabs = [
  { to: "/allocation", name: words.parts.suggestion },
  { to: "/allocation/what-if", name: words.parts.whatIf },
  { to: "/allocation/history", name: words.parts.history },
] as const;

interface AllocationFrameProps {
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
}

/** What is around each page about what somebody holds. */
export function AllocationFrame({ title, lead, children }: AllocationFrameProps) {
  return (
    <>
      <PageHead title={title} lead={lead} />
      <SignedInOnly title={words.signInFirst}>
        <Tabs label={words.title} tabs={tabs} />
        {children}
      </SignedInOnly>
    </>
  );
}
