# Node's image brings the version that the workspace pins, so nothing is downloaded but packages.
# By digest, so that it is the same image everywhere; renew with `docker buildx imagetools inspect node:24-bookworm-slim`.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS base
WORKDIR /app
RUN npm install --global pnpm@12.21.0
COPY . .

# The pages are built with tools that the image does not keep.
FROM base AS pages
RUN pnpm install --frozen-lockfile --filter "@obsqra/web..." && node apps/web/build.ts

FROM base
ENV NODE_ENV=production ENVIRONMENT=production API_HOST=0.0.0.0
RUN pnpm install --frozen-lockfile --prod --filter "!@obsqra/web" && mkdir -p /app/.data /app/node_modules/.cache && chown node:node /app/.data /app/node_modules/.cache
COPY --from=pages /app/apps/web/dist /app/apps/web/dist
USER node
EXPOSE 8000
VOLUME /app/.data
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  # One arena for all threads: glibc keeps what each of several has freed.
ENV MALLOC_ARENA_MAX=1
CMD ["node", "-e", "fetch('http://localhost:8000/ready/traffic').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Migrations run at every start. Node is process 1, so that it receives SIGTERM and drains.
CMD ["node", "--import=./compile-cache.js", "--liftoff-only", "--max-semi-space-size=16", "--heap-growing-percent=20", "--disable-warning=ExperimentalWarning", "apps/server/src/main.ts"]
