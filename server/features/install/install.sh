#!/bin/sh
# Installs the Hashyard agent of this server as a systemd service, or updates it. Run it as root:
#
#   curl -fsSL @SERVER_URL@/install.sh | sudo sh
#   curl -fsSL @SERVER_URL@/install.sh | sudo sh -s -- --uninstall
#
# It asks for the agent's key, or takes it from AGENT_API_KEY. Other settings it writes down: AGENT_SERVER_URL,
# AGENT_NETWORK. What it does: checks for Node 24.11, downloads two files from this server and compares their
# SHA-256, and puts them and config.json (readable by root alone) in place. Nothing else is changed.

set -eu

SERVER_URL='@SERVER_URL@'
AGENT_SHA256='@AGENT_SHA256@'
UNIT_SHA256='@UNIT_SHA256@'

# Another root folder: for tests, and for building images. Then no service is started.
ROOT="${HASHYARD_ROOT:-}"
FOLDER="$ROOT/opt/hashyard-agent"
UNIT="$ROOT/etc/systemd/system/miners-agent.service"

case "${HASHYARD_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
  ru*) RUSSIAN=yes ;;
  *) RUSSIAN= ;;
esac

# say ENGLISH RUSSIAN
say() { if [ -n "$RUSSIAN" ]; then printf '%s\n' "$2" >&2; else printf '%s\n' "$1" >&2; fi; }
fail() { say "✗ $1" "✗ $2"; exit 1; }

# download PATH FILE SHA256
download() {
  curl -fsSL "$SERVER_URL$1" -o "$2" ||
    fail "$SERVER_URL$1 could not be downloaded" "не удалось скачать $SERVER_URL$1"
  echo "$3  $2" | sha256sum -c - >/dev/null 2>&1 ||
    fail "$1 is not what this server promised (SHA-256 differs). Nothing was changed; run the command again." \
      "$1 не то, что обещал сервер (не совпал SHA-256). Ничего не изменено; повторите команду."
}

check_machine() {
  [ "$(uname -s)" = Linux ] || fail 'Only Linux is supported' 'Поддерживается только Linux'
  if [ -z "$ROOT" ]; then
    [ "$(id -u)" = 0 ] || fail 'Run it as root: … | sudo sh' 'Запустите от имени root: … | sudo sh'
    command -v systemctl >/dev/null ||
      fail 'There is no systemd here; use the Docker command of the admin page' \
        'Здесь нет systemd; возьмите команду для Docker на странице администратора'
  fi
  for program in curl sha256sum install; do
    command -v "$program" >/dev/null || fail "$program is missing; install it" "нет программы $program; установите её"
  done
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 24 || (a == 24 && b >= 11) ? 0 : 1)' \
    2>/dev/null ||
    fail 'Node.js 24.11 or newer is needed: https://nodejs.org/en/download. Or use the Docker command of the admin page.' \
      'Нужен Node.js 24.11 или новее: https://nodejs.org/en/download. Или возьмите команду для Docker на странице администратора.'
}

# Writes config.json, unless there is one and no key was given.
configure() {
  key="${AGENT_API_KEY:-}"
  if [ -z "$key" ] && [ -e "$FOLDER/config.json" ]; then
    say '  config.json is kept as it is' '  config.json оставлен как есть'
    return
  fi
  if [ -z "$key" ]; then
    # Standard input is this script; the person is at the terminal.
    [ -r /dev/tty ] && (: </dev/tty) 2>/dev/null ||
      fail 'Set AGENT_API_KEY to the key of the agent' 'Задайте ключ агента в AGENT_API_KEY'
    if [ -n "$RUSSIAN" ]; then printf 'Ключ агента (hy_…): ' >/dev/tty; else printf 'Key of the agent (hy_…): ' >/dev/tty; fi
    stty -echo </dev/tty
    read -r key </dev/tty || true
    stty echo </dev/tty
    printf '\n' >/dev/tty
  fi
  case "$key" in
    hy_*[!A-Za-z0-9_]* | hy_ | '') wrong_key ;;
    hy_*) ;;
    *) wrong_key ;;
  esac
  url="${AGENT_SERVER_URL:-$SERVER_URL}"
  network="${AGENT_NETWORK:-192.168.1.0/24}"
  case "$url$network" in
    *[\"\\]*) fail 'AGENT_SERVER_URL and AGENT_NETWORK take no quotes' 'В AGENT_SERVER_URL и AGENT_NETWORK не бывает кавычек' ;;
  esac
  (
    umask 077
    printf '{\n  "server_url": "%s",\n  "api_key": "%s",\n  "network_cidr": "%s"\n}\n' "$url" "$key" "$network" \
      >"$FOLDER/config.json.new"
  )
  mv "$FOLDER/config.json.new" "$FOLDER/config.json"
  say "  config.json: $network" "  config.json: $network"
}
wrong_key() { fail 'That is not the key of an agent: it begins with hy_' 'Это не ключ агента: он начинается с hy_'; }

install_agent() {
  check_machine
  new="$(mktemp -d)"
  trap 'rm -rf "$new"' EXIT
  say "Hashyard agent from $SERVER_URL" "Агент Hashyard с $SERVER_URL"
  download /install/hashyard-agent.mjs "$new/hashyard-agent.mjs" "$AGENT_SHA256"
  download /install/miners-agent.service "$new/miners-agent.service" "$UNIT_SHA256"
  say '  downloaded, SHA-256 is right' '  скачан, SHA-256 совпадает'
  install -d -m 755 "$FOLDER" "$(dirname "$UNIT")"
  configure
  install -m 644 "$new/hashyard-agent.mjs" "$FOLDER/hashyard-agent.mjs"
  install -m 644 "$new/miners-agent.service" "$UNIT"
  if [ -n "$ROOT" ]; then return; fi
  systemctl daemon-reload
  systemctl enable --quiet miners-agent
  systemctl restart miners-agent
  say '✓ The agent runs. What it does: journalctl -fu miners-agent' \
    '✓ Агент работает. Что он делает: journalctl -fu miners-agent'
}

uninstall_agent() {
  if [ -z "$ROOT" ]; then
    [ "$(id -u)" = 0 ] || fail 'Run it as root' 'Запустите от имени root'
    systemctl disable --now --quiet miners-agent 2>/dev/null || true
  fi
  rm -rf "$FOLDER" "$UNIT"
  if [ -z "$ROOT" ]; then systemctl daemon-reload; fi
  say '✓ The agent is gone. Samples it could not deliver are still in /var/lib/miners-agent; delete that folder to drop them.' \
    '✓ Агент удалён. Недоставленные замеры остались в /var/lib/miners-agent; удалите эту папку, если они не нужны.'
}

# Last, so that a download cut short runs nothing.
case "${1:-}" in
  '') install_agent ;;
  --uninstall) uninstall_agent ;;
  *) fail "Unknown option $1; there is --uninstall" "Неизвестный параметр $1; есть --uninstall" ;;
esac
