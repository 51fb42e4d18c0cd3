import { vi } from "vitest";
import type { DevTools } from "./dev-tools.ts";

/** A part of the page as assistive technology sees it. */
interface AccessibleNode {
  readonly role: string;
  readonly name: string;
  readonly description: string;
}

/** A page in the browser, used as a person would: by what is on the screen and by the keyboard. */
export interface BrowserPage {
  readonly devTools: DevTools;
  /** What the browser complained about: blocked by a policy, not found, thrown by a script. */
  readonly complaints: string[];
  /** Addresses that were asked, with their methods, without fragments. */
  readonly requests: string[];
  /** Runs an expression in the page and gives its value. */
  evaluate<TValue>(expression: string): Promise<TValue>;
  /** All that assistive technology would read, in order. */
  accessibleNodes(): Promise<AccessibleNode[]>;
  /** Waits until the visible text contains this. */
  untilText(text: string): Promise<void>;
  /** Presses a key such as `Tab` or `Enter`. */
  press(key: "Tab" | "Enter" | "Space"): Promise<void>;
  /** Types into what has the focus. */
  type(text: string): Promise<void>;
}

interface AccessibilityTree {
  readonly nodes: readonly {
    readonly ignored: boolean;
    readonly role?: { readonly value: string };
    readonly name?: { readonly value: string };
    readonly description?: { readonly value: string };
  }[];
}

const keys = {
  Tab: { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 },
  Enter: { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  Space: { key: " ", code: "Space", windowsVirtualKeyCode: 32, text: " " },
} as const;

/** Opens an address in a tab and waits until it has loaded. */
export async function openPage(tab: DevTools, url: string): Promise<BrowserPage> {
  const complaints: string[] = [];
  const requests: string[] = [];
  tab.on<{ entry: { level: string; text: string; url?: string } }>("Log.entryAdded", ({ entry }) => {
    if (entry.level === "error" || entry.level === "warning")
      complaints.push(`${entry.text} ${entry.url ?? ""}`.trim());
  });
  tab.on<{ exceptionDetails: { text: string } }>("Runtime.exceptionThrown", ({ exceptionDetails }) => {
    complaints.push(exceptionDetails.text);
  });
  tab.on<{ request: { method: string; url: string } }>("Network.requestWillBeSent", ({ request }) => {
    requests.push(`${request.method} ${request.url}`);
  });
  for (const domain of ["Log", "Runtime", "Network", "Page", "Accessibility"])
    await tab.send(`${domain}.enable`);
  // Like the tab that somebody is looking at, whichever was opened last.
  await tab.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await tab.send("Page.bringToFront");

  const loaded = new Promise<void>((resolve) => tab.on("Page.loadEventFired", () => resolve()));
  await tab.send("Page.navigate", { url });
  await loaded;

  const evaluate = async <TValue>(expression: string) => {
    const parameters = { expression, returnByValue: true, awaitPromise: true };
    const { result } = await tab.send<{ result: { value: TValue } }>("Runtime.evaluate", parameters);
    return result.value;
  };
  return {
    devTools: tab,
    complaints,
    requests,
    evaluate,
    accessibleNodes: async () => {
      const { nodes } = await tab.send<AccessibilityTree>("Accessibility.getFullAXTree");
      return nodes
        .filter(({ ignored }) => !ignored)
        .map(({ role, name, description }) => ({
          role: role?.value ?? "",
          name: name?.value ?? "",
          description: description?.value ?? "",
        }));
    },
    untilText: async (text) => {
      let shown = "";
      try {
        await vi.waitUntil(
          async () => {
            // Between two pages there is none.
            shown = (await evaluate<string | undefined>("document.body?.innerText").catch(() => "")) ?? "";
            return shown.includes(text);
          },
          { timeout: 120_000 },
        );
      } catch {
        throw new Error(`The page does not say "${text}" but:\n${shown}\n${complaints.join("\n")}`);
      }
    },
    press: async (key) => {
      await tab.send("Input.dispatchKeyEvent", { type: "keyDown", ...keys[key] });
      await tab.send("Input.dispatchKeyEvent", { type: "keyUp", ...keys[key] });
    },
    type: async (text) => {
      await tab.send("Input.insertText", { text });
    },
  };
}
