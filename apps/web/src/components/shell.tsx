import type { DataSource } from "@obsqra/client";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { overviewQuery } from "../api/first-page.ts";
import { sitePath } from "../api/site.ts";
import { useIsSignedIn, useLiveUpdates } from "../api/use-session.ts";
import { fullDay, moment } from "../format/figures.ts";
import { texts } from "../texts/index.ts";
import { nextChoice, useThemeChoice } from "../theme/theme.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Explained } from "./explained.tsx";
import { LogoIcon, MoonIcon, SunIcon, SystemIcon } from "./icons.tsx";
import { TipPlace } from "./tip-place.tsx";

const { shell } = texts;

/** What is around every page. */
export function Shell() {
  const isSignedIn = useIsSignedIn();
  useLiveUpdates();
  // The overview is what the first page shows, too: nothing is asked for twice.
  const { data } = useQuery(overviewQuery);
  return (
    <>
      <a className="skip" href="#content">
        {shell.skip}
      </a>
      <header className="top">
        <div className="top-inner">
          <Link to="/" className="brand" aria-label={shell.home}>
            <LogoIcon />
            {shell.name}
          </Link>
          <nav className="nav" aria-label={shell.navigation}>
            <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
              {shell.markets}
            </Link>
            <Link to="/protocols">{shell.protocols}</Link>
            <Link to="/record">{shell.record}</Link>
            {isSignedIn ? (
              <>
                <Link to="/allocation">{shell.allocation}</Link>
                <Link to="/transactions">{shell.transactions}</Link>
              </>
            ) : null}
          </nav>
          <div className="top-end">
            <ThemeButton />
            <AccountMenu />
          </div>
        </div>
      </header>
      <main id="content" className="page" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="foot">
        <div>
          <span>{shell.footer}</span>
          <nav aria-label={shell.api}>
            {data === undefined ? null : <SourceFact source={data.data_source} />}
            <a href={`${sitePath}/docs`}>{shell.api}</a>
          </nav>
        </div>
      </footer>
      <Notices source={data?.data_source} />
      <TipPlace />
    </>
  );
}

const themeIcons = { system: <SystemIcon />, light: <SunIcon />, dark: <MoonIcon /> };

function ThemeButton() {
  const [choice, choose] = useThemeChoice();
  return (
    <button
      type="button"
      className="button"
      data-kind="quiet"
      data-size="small"
      aria-label={shell.theme[choice]}
      title={shell.theme[choice]}
      onClick={() => choose(nextChoice(choice))}
    >
      {themeIcons[choice]}
    </button>
  );
}

function SourceFact({ source }: { readonly source: DataSource }) {
  const { name, as_of, fetched_at } = source;
  return (
    <Explained lines={[shell.asOfLong(name, fullDay(as_of), moment(fetched_at))]}>
      {shell.asOf(fullDay(as_of))}
    </Explained>
  );
}

const dayMs = 86_400_000;
/** A day counts once it is over, and is loaded some hours later. */
const oldAfterDays = 3;

/** What has to be known before any figure is believed. */
function Notices({ source }: { readonly source: DataSource | undefined }) {
  const isOnline = useSyncExternalStore(followConnection, () => navigator.onLine);
  const ageDays = source?.as_of == null ? 0 : Math.floor((Date.now() - Date.parse(source.as_of)) / dayMs);
  return (
    // In the place of nothing: what is on the screen does not move when it is known.
    <div className="notices">
      {isOnline ? null : <Notice tone="bad" title={shell.offline} />}
      {source?.simulated === true ? (
        <Notice tone="warn" title={shell.simulated} text={shell.simulatedLong} />
      ) : null}
      {source?.replay === true ? (
        <Notice tone="warn" title={shell.replay} text={shell.replayLong(fullDay(source.as_of))} />
      ) : null}
      {source !== undefined && !source.replay && ageDays > oldAfterDays ? (
        <Notice tone="bad" title={shell.old(ageDays)} text={shell.oldLong} />
      ) : null}
    </div>
  );
}

interface NoticeProps {
  readonly tone: "warn" | "bad";
  readonly title: string;
  readonly text?: string;
}

function Notice({ tone, title, text }: NoticeProps) {
  return (
    <div className="notice-band" data-tone={tone} role="status">
      <div className="notice">
        <strong>{title}</strong>
        {text === undefined ? null : <span>{text}</span>}
      </div>
    </div>
  );
}

function followConnection(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}
