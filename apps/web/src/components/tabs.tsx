import { Link, type LinkProps } from "@tanstack/react-router";

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly to: LinkProps["to"]; readonly name: string }[];
}

/** Leads to the pages that belong together. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ to, name }) => (
        <Link key={name} to={to} activeOptions={{ exact: true, includeSearch: false }}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
