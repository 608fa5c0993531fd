# The service in a small image: docker build -t conversation-session-service .
# To use another Node version or a mirror: --build-arg NODE_IMAGE=node:22-bookworm-slim
# Renovate keeps tag and digest up to date (renovate.json); by hand: docker buildx imagetools inspect node:24-bookworm-slim
ARG NODE_IMAGE=node:24.20.0-bookworm-slim@sha256:ba849c60be29959425b8734d57b8b4b7d56f98edd9504c9af091d5281095a71e

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/embedded-mongo/package.json packages/embedded-mongo/
COPY clients/typescript/package.json clients/typescript/
RUN --mount=type=cache,target=/root/.npm npm ci --engine-strict
COPY tsconfig.json rolldown.config.js ./
COPY src ./src
COPY clients/typescript/src ./clients/typescript/src
COPY packages ./packages
RUN npm run build

FROM ${NODE_IMAGE}
WORKDIR /app
# Only what dist imports: without what is bundled in it, and without TypeScript, an optional peer.
COPY package.json package-lock.json .npmrc ./
COPY packages/embedded-mongo/package.json packages/embedded-mongo/
COPY clients/typescript/package.json clients/typescript/
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev && \
  cd node_modules && rm -rf @nestjs es-toolkit rxjs typescript
COPY --from=build /app/dist ./dist
# The embedded store's directory belongs to the service's user, and a new volume inherits that.
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data ALLOWED_HOSTS=localhost
# By number, which runAsNonRoot can check.
USER 1000
VOLUME /data
EXPOSE 3000
# Liveness, not readiness: restarting the service would not bring back an unreachable database.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without npm, which would not forward SIGTERM. On SIGTERM the service completes the requests under way and exits.
STOPSIGNAL SIGTERM
CMD ["node", "--enable-source-maps", "dist/main.js"]
