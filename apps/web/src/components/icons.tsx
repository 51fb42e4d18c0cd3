import type { ReactNode } from "react";

/** An icon that says nothing which the text beside it does not say. */
function Icon({ children, size = 16 }: { readonly children: ReactNode; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

export const LogoIcon = () => (
  <Icon size={22}>
    <circle cx="8" cy="8" r="6.6" />
    <circle cx="8" cy="8" r="2.2" fill="currentColor" stroke="none" />
  </Icon>
);

export const ChevronIcon = () => (
  <Icon size={12}>
    <path d="m3 6 5 5 5-5" />
  </Icon>
);

export const SortIcon = ({ direction }: { readonly direction: "ascending" | "descending" }) => (
  <Icon size={10}>
    <path d={direction === "ascending" ? "M8 14V2M3 7l5-5 5 5" : "M8 2v12M3 9l5 5 5-5"} />
  </Icon>
);

export const SunIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="3" />
    <path d="M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z" />
  </Icon>
);

export const SystemIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 2a6 6 0 0 1 0 12Z" fill="currentColor" />
  </Icon>
);

export const DownloadIcon = () => (
  <Icon size={14}>
    <path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11" />
  </Icon>
);
