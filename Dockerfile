# The service in a small image: docker build -t conversation-session-service .
# Another Node, or a mirror of it: --build-arg NODE_IMAGE=node:22-bookworm-slim
# Whoever publishes an image gives the tag's digest here, so that a build can be repeated: node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM ${NODE_IMAGE}
WORKDIR /app
# What the programs need, and nothing of what built them.
COPY package.json package-lock.json .npmrc ./
# TypeScript comes along as an optional peer of Nest's compiler plugin, which only a build would use: 24 MB.
RUN npm ci --omit=dev && npm cache clean --force && rm -r node_modules/typescript
COPY --from=build /app/dist ./dist
# The embedded store's directory belongs to the user that runs the service, and a new volume takes that over.
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 3000
# Alive, not ready: to restart the service does not bring back a database that is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Not by npm, which would not pass SIGTERM on.
CMD ["node", "--enable-source-maps", "dist/main.js"]
