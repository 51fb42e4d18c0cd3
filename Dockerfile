# Node's image brings the version that the workspace pins, so nothing is built and nothing else is downloaded.
FROM node:24-bookworm-slim
ENV NODE_ENV=production ENVIRONMENT=production API_HOST=0.0.0.0
WORKDIR /app
RUN npm install --global pnpm@12
COPY . .
RUN pnpm install --frozen-lockfile --prod && mkdir /app/.data && chown node:node /app/.data
USER node
EXPOSE 8000
VOLUME /app/.data
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch('http://localhost:8000/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Migrations run at every start. Node is process 1, so that it receives SIGTERM and drains.
CMD ["node", "--max-semi-space-size=8", "apps/server/src/main.ts"]
