import { contract } from "@obsqra/contract";
import { mutation, query, router } from "../trpc.ts";
import {
  getAttempts,
  getDeliveries,
  replayDelivery,
  replayEvents,
  testWebhook,
} from "./deliveries.service.ts";
import {
  changeWebhook,
  createWebhook,
  getWebhook,
  getWebhooks,
  pauseWebhook,
  removeWebhook,
  resumeWebhook,
  rotateSecret,
} from "./webhooks.service.ts";

const { webhooks } = contract;

export const webhooksRouter = router({
  list: query(webhooks.list, getWebhooks),
  get: query(webhooks.get, getWebhook),
  create: mutation(webhooks.create, createWebhook),
  update: mutation(webhooks.update, changeWebhook),
  rotate_secret: mutation(webhooks.rotate_secret, rotateSecret),
  test: mutation(webhooks.test, testWebhook),
  pause: mutation(webhooks.pause, pauseWebhook),
  resume: mutation(webhooks.resume, resumeWebhook),
  delete: mutation(webhooks.delete, removeWebhook),
  deliveries: query(webhooks.deliveries, getDeliveries),
  attempts: query(webhooks.attempts, getAttempts),
  replay: mutation(webhooks.replay, replayDelivery),
  replay_events: mutation(webhooks.replay_events, replayEvents),
});
