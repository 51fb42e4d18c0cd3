import { contract } from "@obsqra/contract";
import { query, router } from "../trpc.ts";
import { getChainsReceipt } from "./chains/chains-receipt.service.ts";
import { getForecastReceipt } from "./forecast-receipt.service.ts";
import { getSuggestionReceipt } from "./suggestion-receipt.service.ts";

const { receipts } = contract;

export const receiptsRouter = router({
  forecast: query(receipts.forecast, getForecastReceipt),
  suggestion: query(receipts.suggestion, getSuggestionReceipt),
  chains: query(receipts.chains, getChainsReceipt),
});
