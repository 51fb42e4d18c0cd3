import { useSyncExternalStore } from "react";

/** What somebody has chosen; `system` follows the device. */
export type ThemeChoice = "system" | "light" | "dark";

const key = "obsqra.theme";
const choices: readonly ThemeChoice[] = ["system", "light", "dark"];
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

/** Shows the chosen theme, and follows the device from then on. */
export function startTheme(): void {
  apply();
  prefersDark.addEventListener("change", apply);
}

export function useThemeChoice(): readonly [ThemeChoice, (choice: ThemeChoice) => void] {
  const choice = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, readChoice);
  return [choice, choose];
}

/** The choice after this one. */
export function nextChoice(choice: ThemeChoice): ThemeChoice {
  return choices[(choices.indexOf(choice) + 1) % choices.length] ?? "system";
}

function choose(choice: ThemeChoice): void {
  localStorage.setItem(key, choice);
  apply();
  for (const listener of listeners) listener();
}

function readChoice(): ThemeChoice {
  const kept = localStorage.getItem(key);
  return choices.find((choice) => choice === kept) ?? "system";
}

function apply(): void {
  const choice = readChoice();
  const isDark = choice === "dark" || (choice === "system" && prefersDark.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}
