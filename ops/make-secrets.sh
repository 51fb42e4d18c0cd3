#!/bin/sh
# Makes the secrets of docker-compose.yml, in secrets/ or the directory that is named. Those that are there already stay.
#
# Containers read them as users of their own, and so may everybody who gets to a file; only its owner gets into the directory.
set -eu
directory="${1:-secrets}"
mkdir -p "$directory"
chmod 700 "$directory"

keep() {
  [ -s "$directory/$1" ] && return
  printf '%s\n' "$2" >"$directory/$1.new"
  chmod 444 "$directory/$1.new"
  mv "$directory/$1.new" "$directory/$1"
}
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

keep secret-key "$(random)"
keep postgres-password "$(random)"
keep grafana-password "$(random)"
keep redis-settings "requirepass $(random)"
# The same password in both.
keep redis-url "redis://:$(sed 's/^requirepass //' "$directory/redis-settings")@redis:6379/0"
