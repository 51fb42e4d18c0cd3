import type { Deletion, ExportDataInput, ExportPage } from "@obsqra/contract";
import type { AuthDependencies } from "../auth/auth-dependencies.ts";
import type { SessionPrincipal } from "../principal.ts";

type SignedIn = AuthDependencies & { readonly principal: SessionPrincipal };

export async function exportData(_deps: SignedIn, _input: ExportDataInput): Promise<ExportPage> {
  throw new Error("Not built yet.");
}

export async function scheduleDeletion(_deps: SignedIn): Promise<Deletion> {
  throw new Error("Not built yet.");
}

export async function cancelDeletion(_deps: SignedIn): Promise<undefined> {
  throw new Error("Not built yet.");
}
