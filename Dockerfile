# docker build .                      the server
# docker build --target agent .       the site agent
# docker build --target simulator .   miners for the demo profile

FROM node:24-slim AS source
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# Everything that builds: the admin page and the agent's one file.
FROM source AS build
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache
COPY . .
RUN npm run build

# What the server needs at run time; its TypeScript runs as it is. The optional packages are a Node for machines
# that have none.
FROM source AS production
RUN --mount=type=cache,target=/npm-cache npm ci --omit=dev --omit=optional --cache /npm-cache

FROM node:24-slim AS agent
ENV NODE_ENV=production AGENT_QUEUE_DIR=/var/lib/hashyard-agent/queue
# The queue outlives the container: it is the only copy of samples the server has not stored yet.
RUN install -d -o node -g node -m 0700 /var/lib/hashyard-agent /var/lib/hashyard-agent/queue
COPY --from=build /app/dist/agent/hashyard-agent.mjs /usr/local/lib/hashyard-agent.mjs
USER node
WORKDIR /var/lib/hashyard-agent
VOLUME /var/lib/hashyard-agent/queue
ENTRYPOINT ["node", "/usr/local/lib/hashyard-agent.mjs"]
CMD ["run"]

FROM production AS simulator
ENV NODE_ENV=production
COPY contract contract
COPY simulator simulator
USER node
ENTRYPOINT ["node", "simulator/main.ts"]

# Last, so that it is what "docker build ." makes.
FROM production AS server
# Bodies go back to the system when they are freed, instead of staying with glibc.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072
COPY contract contract
COPY migrations migrations
COPY server server
COPY --from=build /app/dist/admin dist/admin
# Handed out to the machines at the sites: /install.sh.
COPY --from=build /app/dist/agent dist/agent
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=16", "server/main.ts", "serve"]
