import { contract } from "@obsqra/contract";
import { publicProcedure, router, userProcedure } from "../trpc.ts";
import { getUser } from "../users/users.service.ts";
import { login, logout, refresh, register } from "./auth.service.ts";
import { connectWallet, createWalletChallenge } from "./wallet.service.ts";

const { auth } = contract;

export const authRouter = router({
  register: publicProcedure(auth.register).mutation(({ ctx, input }) => register(ctx, input)),
  login: publicProcedure(auth.login).mutation(({ ctx, input }) => login(ctx, input)),
  refresh: publicProcedure(auth.refresh).mutation(({ ctx, input }) => refresh(ctx, input)),
  logout: userProcedure(auth.logout).mutation(({ ctx }) => logout(ctx)),
  me: userProcedure(auth.me).query(({ ctx }) => getUser(ctx)),
  wallet_challenge: userProcedure(auth.wallet_challenge).mutation(({ ctx, input }) =>
    createWalletChallenge(ctx, input),
  ),
  connect_wallet: userProcedure(auth.connect_wallet).mutation(({ ctx, input }) => connectWallet(ctx, input)),
});
